import { SpecError, verdict, type TransitionEvent, type Verdict } from '@trueup/core';
import { PodTemplateError } from './decode-pod-template.js';

/** Runs a step that works on a raw pod template. @throws {@link SpecError} when the template is not one. */
export function ofPodTemplate<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof PodTemplateError ? new SpecError(unmarshalProblem(error)) : error;
  }
}

/**
 * The condition `PodTemplateValid`, a gate; absent without a template.
 * @param decode - Throws a {@link PodTemplateError} for a template that cannot be used.
 * @param validReason - Of the condition when it is True. Default `ValidPodTemplateSpec`.
 */
export function podTemplateValid(
  raw: unknown,
  decode: (raw: unknown) => unknown,
  validReason = 'ValidPodTemplateSpec',
): Verdict {
  if (raw === undefined) return verdict.absent;
  try {
    decode(raw);
    return verdict.true(validReason, 'PodTemplateSpec is valid');
  } catch (error) {
    if (!(error instanceof PodTemplateError)) throw error;
    return verdict.false(
      'InvalidPodTemplateSpec',
      `Failed to parse PodTemplateSpec: ${unmarshalProblem(error)}. Deployment blocked until fixed.`,
    );
  }
}

/** The event for a template that has become invalid. */
export const POD_TEMPLATE_INVALID: TransitionEvent = {
  reason: 'InvalidPodTemplateSpec',
  action: 'ValidatePodTemplateSpec',
  note: ({ message }) => message.replace(/until fixed\.$/, 'until PodTemplateSpec is fixed.'),
};

function unmarshalProblem({ message }: PodTemplateError): string {
  return `failed to unmarshal PodTemplateSpec: ${message}`;
}

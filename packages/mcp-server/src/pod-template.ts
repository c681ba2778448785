import { isSpecError, SpecError, verdict, type ContentRef, type Verdict } from '@trueup/core';
import { podPatch, podPatchContents, PodTemplateError, type PodPatchParts } from '@trueup/mcp-workload';
import { backendAccountName } from './names.js';
import type { MCPServer } from './resource.js';

type Spec = MCPServer['spec'];

/**
 * The template of the backend pod that goes with the proxy; undefined when the backend needs none.
 * @param annotations - The operator's own, for the backend pod.
 * @throws {@link SpecError} for a raw template that is not a pod template.
 */
export function backendPodPatch(
  name: string,
  spec: Spec,
  annotations: Readonly<Record<string, string>> = {},
): string | undefined {
  return ofPodTemplate(() => podPatch({ ...partsOf(name, spec), annotations }));
}

/**
 * The Secret and ConfigMap keys without which the backend does not start, or which it takes in only when it starts.
 * @throws {@link SpecError} for a raw template that is not a pod template.
 */
export function backendContents(name: string, spec: Spec): readonly ContentRef[] {
  return ofPodTemplate(() => podPatchContents(partsOf(name, spec)));
}

function partsOf(name: string, { podTemplateSpec, serviceAccount, secrets, volumes }: Spec): PodPatchParts {
  return {
    podTemplate: podTemplateSpec,
    serviceAccountName: serviceAccount ?? backendAccountName(name),
    ...(secrets && { secrets }),
    ...(volumes && { volumes }),
  };
}

function ofPodTemplate<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof PodTemplateError)) throw error;
    throw new SpecError(`failed to unmarshal PodTemplateSpec: ${error.message}`);
  }
}

/** The condition `PodTemplateValid`; absent without a template. */
export function podTemplateValid({ metadata }: MCPServer, spec: Spec): Verdict {
  if (spec.podTemplateSpec === undefined) return verdict.absent;
  try {
    backendPodPatch(metadata.name, spec);
    return verdict.true('ValidPodTemplateSpec', 'PodTemplateSpec is valid');
  } catch (error) {
    if (!isSpecError(error)) throw error;
    return verdict.false(
      'InvalidPodTemplateSpec',
      `Failed to parse PodTemplateSpec: ${error.message}. Deployment blocked until fixed.`,
    );
  }
}

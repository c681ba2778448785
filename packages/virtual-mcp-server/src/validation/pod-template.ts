import { verdict, type Verdict } from '@trueup/core';
import { decodePodTemplate, PodTemplateError } from '@trueup/mcp-workload';
import type { StoredServer } from '../stored-server.js';

const UNMARSHAL = 'failed to unmarshal PodTemplateSpec: ';

/** The condition `PodTemplateSpecValid`; absent without a template. */
export function podTemplateSpecValid({ spec: { podTemplateSpec } }: StoredServer): Verdict {
  if (podTemplateSpec === undefined) return verdict.absent;
  try {
    decodePodTemplate(podTemplateSpec);
    return verdict.true('PodTemplateSpecValid', 'PodTemplateSpec is valid');
  } catch (error) {
    if (!(error instanceof PodTemplateError)) throw error;
    return invalidPodTemplate(`${UNMARSHAL}${error.message}`);
  }
}

export function invalidPodTemplate(problem: string): Verdict & { readonly kind: 'stated' } {
  return verdict.false(
    'InvalidPodTemplateSpec',
    `Failed to parse PodTemplateSpec: ${problem}. Deployment blocked until fixed.`,
  );
}

import { isSpecError, SpecError, verdict, type Verdict } from '@trueup/core';
import { podPatch, PodTemplateError } from '@trueup/mcp-workload';
import { backendAccountName } from './names.js';
import type { MCPServer } from './resource.js';

/**
 * The template of the backend pod that goes with the proxy; undefined when the backend needs none.
 * @throws {@link SpecError} for a raw template that is not a pod template.
 */
export function backendPodPatch(name: string, spec: MCPServer['spec']): string | undefined {
  try {
    return podPatch({
      podTemplate: spec.podTemplateSpec,
      serviceAccountName: spec.serviceAccount ?? backendAccountName(name),
      secrets: spec.secrets,
      volumes: spec.volumes,
    });
  } catch (error) {
    if (!(error instanceof PodTemplateError)) throw error;
    throw new SpecError(`failed to unmarshal PodTemplateSpec: ${error.message}`);
  }
}

/** The condition `PodTemplateValid`; absent without a template. */
export function podTemplateValid({ metadata }: MCPServer, spec: MCPServer['spec']): Verdict {
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

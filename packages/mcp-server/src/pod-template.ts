import type { ContentRef } from '@trueup/core';
import { ofPodTemplate, podPatch, podPatchContents, type PodPatchParts } from '@trueup/mcp-workload';
import { backendAccountName } from './names.js';
import type { MCPServer } from './resource.js';

/**
 * The template of the backend pod that goes with the proxy; undefined when the backend needs none.
 * @param annotations - The operator's own, for the backend pod.
 * @throws {@link SpecError} for a raw template that is not a pod template.
 */
export function backendPodPatch(
  server: MCPServer,
  annotations: Readonly<Record<string, string>> = {},
): string | undefined {
  return ofPodTemplate(() => podPatch({ ...partsOf(server), annotations }));
}

/**
 * The Secret and ConfigMap keys without which the backend does not start, or which it takes in only when it starts.
 * @throws {@link SpecError} for a raw template that is not a pod template.
 */
export function backendContents(server: MCPServer): readonly ContentRef[] {
  return ofPodTemplate(() => podPatchContents(partsOf(server)));
}

function partsOf({ metadata, spec: { podTemplateSpec, serviceAccount, secrets, volumes } }: MCPServer): PodPatchParts {
  return {
    podTemplate: podTemplateSpec,
    serviceAccountName: serviceAccount ?? backendAccountName(metadata.name),
    ...(secrets && { secrets }),
    ...(volumes && { volumes }),
  };
}

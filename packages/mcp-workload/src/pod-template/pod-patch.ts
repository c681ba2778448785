import { contentRefsOf, type Container, type ContentRef } from '@trueup/core';
import { goJson } from '../formats/go-json.js';
import { overlay } from '../proxy/labels.js';
import { decodePodTemplate, type PodTemplate } from './decode-pod-template.js';

/** The container of the backend pod that runs the MCP server. */
export const BACKEND_CONTAINER = 'mcp';

/** How the pod patch is handed to the proxy runner, before its JSON. */
export const POD_PATCH_ARGUMENT = '--k8s-pod-patch=';

/** What the workload adds to the pod template that the user gave. */
export interface PodPatchParts {
  /** The raw template of the spec. */
  readonly podTemplate?: unknown;
  /** Wins over the template's own; undefined or empty: the template's stays. */
  readonly serviceAccountName?: string;
  /** Secret keys that become environment variables of the backend. */
  readonly secrets?: readonly { readonly name: string; readonly key: string; readonly targetEnvName?: string }[];
  /** Directories of the node that the backend sees. */
  readonly volumes?: readonly HostVolume[];
  /** The operator's own annotations of the pod; they win over the template's. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A directory of the node, mounted into a container. */
export interface HostVolume {
  readonly name: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

/**
 * Writes the argument of `--k8s-pod-patch`: the template of the backend pod, which the proxy runner completes.
 *
 * Of two volumes of one name the user's own stays.
 *
 * @returns compact JSON; undefined when there is nothing to patch.
 * @throws {@link PodTemplateError} when the raw template has a field of the wrong type.
 */
export function podPatch(parts: PodPatchParts): string | undefined {
  const template = completed(startingPoint(parts.podTemplate), parts);
  return isEmpty(template) ? undefined : goJson(template);
}

/**
 * The Secret and ConfigMap keys without which the backend does not start, or which it takes in only when it starts.
 * @throws {@link PodTemplateError} as {@link podPatch} does.
 */
export function podPatchContents(parts: PodPatchParts): readonly ContentRef[] {
  const { spec } = completed(startingPoint(parts.podTemplate), parts);
  return contentRefsOf({ ...spec, containers: spec.containers ?? [] });
}

function startingPoint(podTemplate: unknown): PodTemplate {
  return decodePodTemplate(podTemplate ?? { spec: { containers: [] } });
}

function completed(
  template: PodTemplate,
  { serviceAccountName, secrets = [], volumes = [], annotations = {} }: PodPatchParts,
): PodTemplate {
  const { spec } = template;
  const added = volumes.filter((volume) => spec.volumes?.every((own) => own.name !== volume.name) ?? true);
  const env = secrets.map(({ name, key, targetEnvName }) => ({
    name: targetEnvName || key,
    valueFrom: { secretKeyRef: { name, key } },
  }));
  const mounts = added.map(({ name, mountPath, readOnly }) => ({
    name,
    mountPath,
    ...(readOnly === true && { readOnly }),
  }));
  const containers =
    env.length + mounts.length === 0 ? spec.containers : withBackend(spec.containers ?? [], { env, mounts });
  return inOrder({
    metadata: withAnnotations(template.metadata, annotations),
    spec: {
      ...spec,
      containers,
      volumes: [
        ...(spec.volumes ?? []),
        ...added.map(({ name, hostPath }) => ({ name, hostPath: { path: hostPath } })),
      ],
      ...(serviceAccountName && { serviceAccountName }),
    },
  });
}

type Additions = {
  readonly env: NonNullable<Container['env']>;
  readonly mounts: NonNullable<Container['volumeMounts']>;
};

function withBackend(containers: readonly Container[], { env, mounts }: Additions): readonly Container[] {
  const backend = containers.find(({ name }) => name === BACKEND_CONTAINER);
  const complete = {
    ...(backend ?? { name: BACKEND_CONTAINER }),
    env: [...(backend?.env ?? []), ...env],
    volumeMounts: [...(backend?.volumeMounts ?? []), ...mounts],
  };
  return backend === undefined
    ? [...containers, complete]
    : containers.map((container) => (container === backend ? complete : container));
}

function withAnnotations(
  metadata: PodTemplate['metadata'],
  own: Readonly<Record<string, string>>,
): PodTemplate['metadata'] {
  const annotations = overlay(metadata.annotations, own);
  return annotations === undefined ? metadata : { ...metadata, annotations };
}

/** Decoding puts fields into their order and leaves the empty ones out. */
function inOrder(template: PodTemplate): PodTemplate {
  return decodePodTemplate(template);
}

/** True for a template that says nothing about the pod. */
function isEmpty({ metadata, spec: { containers, ...spec } }: PodTemplate): boolean {
  return (containers ?? []).length === 0 && Object.keys(spec).length === 0 && Object.keys(metadata).length === 0;
}

import type { ConfigMap, Container, DesiredObject, EnvVar, Pod, Service, StatefulSet } from '@trueup/core';
import { BACKEND_CONTAINER, POD_PATCH_ARGUMENT } from './pod-template/pod-patch.js';
import { decodePodTemplate } from './pod-template/decode-pod-template.js';
import { PROXY_CONTAINER } from './proxy/proxy-deployment.js';
import { RUN_CONFIG_KEY } from './run-config/run-config-map.js';
import { runConfigSchema, type RunConfig } from './run-config/run-config.js';

/** Field manager under which the proxy runner applies the backend. */
export const PROXY_RUNNER_FIELD_MANAGER = 'toolhive-container-manager';

/** Annotation of pod templates: the generation of the workload they were made for. */
export const WORKLOAD_GENERATION = 'toolhive.stacklok.dev/mcpserver-generation';

/** Names a resource to {@link StandInServer}. */
interface ResourceName {
  readonly group: string;
  readonly plural: string;
}

/** An object on its way to the server. */
interface SentObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name?: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  [field: string]: unknown;
}

/** The little of an API server that the stand-in needs: what `@trueup/control-plane` gives to stand-ins of images. */
export interface StandInServer {
  /** The object, or a promise of it; undefined when there is none. */
  get(resource: ResourceName, namespace: string | undefined, name: string): unknown;
  create(resource: ResourceName, object: SentObject): Promise<unknown>;
  /** Undefined when there is no such object. */
  update(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    change: (draft: SentObject) => void,
  ): Promise<unknown>;
}

const CONFIG_MAPS: ResourceName = { group: '', plural: 'configmaps' };
const SERVICES: ResourceName = { group: '', plural: 'services' };
const STATEFUL_SETS: ResourceName = { group: 'apps', plural: 'statefulsets' };

/**
 * Plays the container of a proxy's pod that has become ready: makes the backend, or brings it up to date. Nothing runs in
 * the pods of an embedded control plane, and a server without a backend would never be ready there.
 *
 * @example
 * ```ts
 * controlPlane.workloads?.onImage(/proxyrunner/, playProxyRunner);
 * ```
 */
export async function playProxyRunner({
  pod,
  api,
}: {
  readonly pod: unknown;
  readonly api: StandInServer;
}): Promise<void> {
  // What a server hands out as a pod is one: its own validation has seen to that. The same goes for the others.
  const proxy = pod as Pod;
  const { namespace } = proxy.metadata;
  const volume = proxy.spec?.volumes?.find(({ name }) => name === 'runconfig');
  const configMap = (await api.get(CONFIG_MAPS, namespace, volume?.configMap?.name ?? '')) as ConfigMap | undefined;
  const runConfig = configMap?.data?.[RUN_CONFIG_KEY];
  if (runConfig === undefined) return;
  const name = proxy.metadata.labels?.['toolhive-name'] ?? '';
  const backend = (await api.get(STATEFUL_SETS, namespace, name)) as StatefulSet | undefined;
  for (const object of proxyRunnerObjects({ pod: proxy, runConfig, ...(backend && { backend }) })) {
    await send(api, namespace, object);
  }
}

async function send(api: StandInServer, namespace: string | undefined, object: DesiredObject): Promise<void> {
  const resource = object.kind === 'Service' ? SERVICES : STATEFUL_SETS;
  const sent = JSON.parse(JSON.stringify(object)) as SentObject;
  const update = () =>
    api.update(resource, namespace, object.metadata.name, (draft) => {
      draft.metadata.labels = { ...draft.metadata.labels, ...sent.metadata.labels };
      draft['spec'] = { ...(draft['spec'] as object), ...(sent['spec'] as object) };
    });
  if ((await update()) !== undefined) return;
  try {
    await api.create(resource, {
      ...sent,
      metadata: { ...sent.metadata, ...(namespace !== undefined && { namespace }) },
    });
  } catch (error) {
    // The runner in another replica may have been quicker.
    if ((await update()) === undefined) throw error;
  }
}

export interface ProxyRunnerInput {
  /** The proxy's pod. Its arguments hold the pod patch, its annotations the generation. */
  readonly pod: Pod;
  /** The document in the ConfigMap of the workload. */
  readonly runConfig: string;
  /** The backend as it is. */
  readonly backend?: StatefulSet;
}

/**
 * Says what the proxy runner in a pod would apply: the StatefulSet of the backend and its Services. For development and
 * tests, where no container runs.
 *
 * @returns nothing when the server is a remote one, or a newer pod has already made the backend: the real runner would do
 *   nothing.
 */
export function proxyRunnerObjects({ pod, runConfig, backend }: ProxyRunnerInput): readonly DesiredObject[] {
  const config = runConfigSchema.parse(JSON.parse(runConfig));
  if (config.remote_url !== undefined) return [];
  const generation = generationOf(pod, config);
  if (generation < madeFor(backend)) return [];
  const name = config.container_name ?? config.name;
  const labels = { ...config.container_labels, app: name, toolhive: 'true' };
  return [statefulSet(name, labels, { pod, config, generation }), ...services(name, labels, config)];
}

function generationOf(pod: Pod, config: RunConfig): number {
  return Number(pod.metadata.annotations?.[WORKLOAD_GENERATION] ?? config.mcpserver_generation ?? 0);
}

function madeFor(backend: StatefulSet | undefined): number {
  return Number(backend?.spec?.template.metadata?.annotations?.[WORKLOAD_GENERATION] ?? 0);
}

type Labels = Readonly<Record<string, string>>;
type Start = { readonly pod: Pod; readonly config: RunConfig; readonly generation: number };

function statefulSet(name: string, labels: Labels, { pod, config, generation }: Start): DesiredObject {
  const patch = podPatchOf(pod);
  const replicas = config.scaling_config?.backend_replicas;
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, ...(pod.metadata.namespace && { namespace: pod.metadata.namespace }), labels },
    spec: {
      ...(replicas !== undefined && { replicas }),
      serviceName: name,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: {
          labels: { ...patch.metadata.labels, ...labels },
          annotations: { ...patch.metadata.annotations, [WORKLOAD_GENERATION]: String(generation) },
        },
        spec: { ...patch.spec, containers: withBackend(patch.spec.containers ?? [], config) },
      },
    },
  };
}

function podPatchOf(pod: Pod) {
  const args = pod.spec?.containers.find(({ name }) => name === PROXY_CONTAINER)?.args ?? [];
  const argument = args.find((candidate) => candidate.startsWith(POD_PATCH_ARGUMENT));
  return decodePodTemplate(argument === undefined ? {} : JSON.parse(argument.slice(POD_PATCH_ARGUMENT.length)));
}

function withBackend(containers: readonly Container[], config: RunConfig): readonly Container[] {
  const given = containers.find(({ name }) => name === BACKEND_CONTAINER);
  const env: EnvVar[] = Object.entries(config.env_vars ?? {}).map(([name, value]) => ({ name, value }));
  const backend: Container = {
    ...given,
    name: BACKEND_CONTAINER,
    image: config.image,
    ...(config.cmd_args && { args: config.cmd_args }),
    ...(config.transport === 'stdio'
      ? { stdin: true }
      : { ports: [{ containerPort: config.target_port ?? config.port }] }),
    env: [...(given?.env ?? []).filter((own) => env.every(({ name }) => name !== own.name)), ...env],
  };
  return [...containers.filter(({ name }) => name !== BACKEND_CONTAINER), backend];
}

/** A server that speaks stdio is attached to; the others are reached over the network. */
function services(name: string, labels: Labels, config: RunConfig): readonly (DesiredObject & Pick<Service, 'spec'>)[] {
  if (config.transport === 'stdio') return [];
  const port = config.target_port ?? config.port;
  const service = (serviceName: string, clusterIP?: 'None') => ({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: serviceName, labels },
    spec: {
      ...(clusterIP && { clusterIP }),
      selector: { app: name },
      ports: [{ name: 'http', port, targetPort: port }],
    },
  });
  return [service(`mcp-${name}-headless`, 'None'), service(`mcp-${name}`)];
}

import { objectAt, objectsAt, specOf, statusOf, stringAt } from '../../access.js';
import type { JsonObject, KubeObject } from '../../object.js';
import type { Api } from '../api.js';
import { isConflict, isNamespaceTerminating } from '../api-errors.js';
import { ENDPOINT_SLICES, ENDPOINTS } from '../resource-names.js';
import { controllerReference, isPodReady, shortHash } from './pod-template.js';
import type { WorkloadContext } from './workload-context.js';

const SERVICE_LABEL = 'kubernetes.io/service-name';
const MANAGED_BY_LABEL = 'endpointslice.kubernetes.io/managed-by';
const MANAGER = 'endpointslice-controller.k8s.io';

interface Port {
  readonly name: string;
  readonly port: number;
  readonly protocol: string;
}

/** Pods behind a Service that serve its ports under the same numbers. */
interface Group {
  readonly ports: readonly Port[];
  readonly pods: readonly Readonly<KubeObject>[];
}

/** Publishes the addresses of the pods that a Service selects, as Endpoints and as EndpointSlices. */
export async function syncServiceEndpoints(context: WorkloadContext, service: Readonly<KubeObject>): Promise<void> {
  const spec = specOf(service);
  const hasSelector = Object.keys(objectAt(spec, 'selector')).length > 0;
  if (!hasSelector || spec['type'] === 'ExternalName' || service.metadata.deletionTimestamp !== undefined) return;
  const groups = groupByPorts(service, selectedPods(context, service));
  try {
    await publishEndpoints(context.api, service, groups);
    await publishSlices(context, service, groups);
  } catch (error) {
    if (!isConflict(error) && !isNamespaceTerminating(error)) throw error;
  }
}

/** Removes the Endpoints and EndpointSlices of a Service that is gone. */
export async function removeServiceEndpoints(context: WorkloadContext, namespace: string, name: string): Promise<void> {
  await context.api.delete(ENDPOINTS, namespace, name);
  for (const { metadata } of slicesOf(context, namespace, name))
    await context.api.delete(ENDPOINT_SLICES, namespace, metadata.name ?? '');
}

function selectedPods({ podsByLabel }: WorkloadContext, service: Readonly<KubeObject>): Readonly<KubeObject>[] {
  return podsByLabel
    .having(service.metadata.namespace ?? '', objectAt(specOf(service), 'selector'))
    .filter((pod) => stringAt(statusOf(pod), 'podIP') !== '')
    .filter((pod) => !['Succeeded', 'Failed'].includes(stringAt(statusOf(pod), 'phase')))
    .filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

function groupByPorts(service: Readonly<KubeObject>, pods: readonly Readonly<KubeObject>[]): Group[] {
  const groups = new Map<string, { ports: readonly Port[]; pods: Readonly<KubeObject>[] }>();
  for (const pod of pods) {
    const ports = objectsAt(specOf(service), 'ports').flatMap((port) => targetPort(port, pod));
    const key = JSON.stringify(ports);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { ports, pods: [pod] });
    else group.pods.push(pod);
  }
  return [...groups.values()];
}

function targetPort(port: JsonObject, pod: Readonly<KubeObject>): Port[] {
  const protocol = stringAt(port, 'protocol');
  const target = port['targetPort'];
  const named = objectsAt(specOf(pod), 'containers')
    .flatMap((container) => objectsAt(container, 'ports'))
    .find((candidate) => candidate['name'] === target && candidate['protocol'] === protocol);
  const number = typeof target === 'number' ? target : named?.['containerPort'];
  return typeof number === 'number' ? [{ name: stringAt(port, 'name'), port: number, protocol }] : [];
}

async function publishEndpoints(api: Api, service: Readonly<KubeObject>, groups: readonly Group[]): Promise<void> {
  const { namespace = '', name = '', labels } = service.metadata;
  const subsets = groups.map((group) => subsetOf(service, group));
  if (api.get(ENDPOINTS, namespace, name) === undefined) {
    await api.create(ENDPOINTS, {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: { name, namespace, labels: { ...labels } },
      subsets,
    });
    return;
  }
  await api.update(ENDPOINTS, namespace, name, (draft) => {
    if (subsets.length === 0) delete draft['subsets'];
    else draft['subsets'] = subsets;
  });
}

function subsetOf(service: Readonly<KubeObject>, { ports, pods }: Group): JsonObject {
  const isPublished = (pod: Readonly<KubeObject>): boolean => publishesUnready(service) || isPodReady(pod);
  const ready = pods.filter(isPublished).map(addressOf);
  const notReady = pods.filter((pod) => !isPublished(pod)).map(addressOf);
  return {
    ...(ready.length > 0 ? { addresses: ready } : {}),
    ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}),
    ports: ports.map(({ name, ...port }) => ({ ...(name === '' ? {} : { name }), ...port })),
  };
}

function publishesUnready(service: Readonly<KubeObject>): boolean {
  return specOf(service)['publishNotReadyAddresses'] === true;
}

function addressOf(pod: Readonly<KubeObject>): JsonObject {
  return {
    ip: stringAt(statusOf(pod), 'podIP'),
    nodeName: stringAt(specOf(pod), 'nodeName'),
    targetRef: targetOf(pod),
  };
}

function targetOf({ metadata }: Readonly<KubeObject>): JsonObject {
  return { kind: 'Pod', name: metadata.name, namespace: metadata.namespace, uid: metadata.uid };
}

function slicesOf({ slicesByLabel }: WorkloadContext, namespace: string, service: string): Readonly<KubeObject>[] {
  return slicesByLabel.having(namespace, { [SERVICE_LABEL]: service, [MANAGED_BY_LABEL]: MANAGER });
}

async function publishSlices(
  context: WorkloadContext,
  service: Readonly<KubeObject>,
  groups: readonly Group[],
): Promise<void> {
  const { api } = context;
  const { namespace = '', name = '' } = service.metadata;
  // A Service without pods still has a slice, an empty one.
  const slices = (groups.length === 0 ? [{ ports: [], pods: [] }] : groups).map((group) => sliceOf(service, group));
  const wanted = new Set(slices.map(({ metadata }) => metadata.name));
  for (const slice of slices) {
    const { name: sliceName = '' } = slice.metadata;
    const made = await api.update(ENDPOINT_SLICES, namespace, sliceName, (draft) => {
      draft['endpoints'] = slice['endpoints'];
    });
    if (made === undefined) await api.create(ENDPOINT_SLICES, slice);
  }
  for (const { metadata } of slicesOf(context, namespace, name)) {
    if (!wanted.has(metadata.name)) await api.delete(ENDPOINT_SLICES, namespace, metadata.name ?? '');
  }
}

function sliceOf(service: Readonly<KubeObject>, { ports, pods }: Group): KubeObject {
  const { namespace = '', name = '', labels } = service.metadata;
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-${shortHash([service.metadata.uid, ports]).slice(0, 5)}`,
      namespace,
      labels: { ...labels, [SERVICE_LABEL]: name, [MANAGED_BY_LABEL]: MANAGER },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    ports: ports.map((port) => ({ ...port })),
    endpoints: pods.map((pod) => endpointOf(service, pod)),
  };
}

function endpointOf(service: Readonly<KubeObject>, pod: Readonly<KubeObject>): JsonObject {
  const serving = isPodReady(pod);
  return {
    addresses: [stringAt(statusOf(pod), 'podIP')],
    conditions: { ready: serving || publishesUnready(service), serving, terminating: false },
    nodeName: stringAt(specOf(pod), 'nodeName'),
    targetRef: targetOf(pod),
  };
}

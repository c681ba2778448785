import type { Api, ControlPlane, KubeObject, ResourceName } from '@trueup/control-plane';
import type { ConfigMap, DesiredObject, Pod, StatefulSet } from '@trueup/core';
import { proxyRunnerObjects, RUN_CONFIG_KEY } from '@trueup/mcp-workload';

const CONFIG_MAPS: ResourceName = { group: '', plural: 'configmaps' };
const SERVICES: ResourceName = { group: '', plural: 'services' };
const STATEFUL_SETS: ResourceName = { group: 'apps', plural: 'statefulsets' };

/**
 * Nothing runs in the pods of an embedded control plane. What matters of a proxy's container to the operator is the backend
 * that it makes once it is up; this makes it in its place.
 */
export function standInForProxyRunner({ workloads }: ControlPlane): void {
  workloads?.onImage(/proxyrunner/, async ({ pod, api }) => {
    const { namespace } = pod.metadata;
    const proxy = received<Pod>(pod);
    const volume = proxy.spec?.volumes?.find(({ name }) => name === 'runconfig');
    const configMap = found<ConfigMap>(api.get(CONFIG_MAPS, namespace, volume?.configMap?.name ?? ''));
    const runConfig = configMap?.data?.[RUN_CONFIG_KEY];
    if (runConfig === undefined) return;
    const name = proxy.metadata.labels?.['toolhive-name'] ?? '';
    const backend = found<StatefulSet>(api.get(STATEFUL_SETS, namespace, name));
    const objects = proxyRunnerObjects({ pod: proxy, runConfig, ...(backend === undefined ? {} : { backend }) });
    for (const object of objects) await apply(api, namespace, object);
  });
}

async function apply(api: Api, namespace: string | undefined, { metadata, ...rest }: DesiredObject): Promise<void> {
  const resource = rest.kind === 'Service' ? SERVICES : STATEFUL_SETS;
  const { name, labels, annotations } = metadata;
  const updated = await api.update(resource, namespace, name, (draft) => {
    draft.metadata.labels = { ...draft.metadata.labels, ...labels };
    if (resource === STATEFUL_SETS) draft['spec'] = { ...(draft['spec'] as object), ...(rest['spec'] as object) };
  });
  if (updated !== undefined) return;
  await api.create(resource, {
    ...rest,
    metadata: { name, ...(namespace && { namespace }), labels: { ...labels }, annotations: { ...annotations } },
  });
}

/** The control plane serves JSON; that an object of a kind looks like that kind is what its validation has seen to. */
function received<T>(object: Readonly<KubeObject>): T {
  return object as unknown as T;
}

function found<T>(object: Readonly<KubeObject> | undefined): T | undefined {
  return object === undefined ? undefined : received<T>(object);
}

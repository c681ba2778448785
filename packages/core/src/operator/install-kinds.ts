import type { Client, KubernetesObject } from '@trueup/kube';
import { customResourceDefinition } from '../kind/custom-resource-definition.js';
import type { Kind } from '../kind/kind.js';

const CRD = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
} as const;

type Established = KubernetesObject & {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

/** Applies the CustomResourceDefinitions of these kinds and waits until the API server serves them. */
export async function installKinds(client: Client, kinds: readonly Kind[], signal: AbortSignal): Promise<void> {
  for (const kind of kinds) {
    const definition = customResourceDefinition(kind);
    const applied = await client.apply<Established>(CRD, definition, { fieldManager: 'trueup', force: true, signal });
    if (!isEstablished(applied)) await untilEstablished(client, applied, signal);
  }
}

async function untilEstablished(client: Client, { metadata }: Established, signal: AbortSignal): Promise<void> {
  const ended = new AbortController();
  try {
    const events = client.watch<Established>(CRD, {
      fieldSelector: `metadata.name=${metadata.name}`,
      resourceVersion: '0',
      signal: AbortSignal.any([signal, ended.signal]),
    });
    for await (const event of events) {
      if (event.type !== 'BOOKMARK' && isEstablished(event.object)) return;
    }
  } finally {
    ended.abort();
  }
}

function isEstablished({ status }: Established): boolean {
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}

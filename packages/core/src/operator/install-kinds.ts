import type { Client, KubernetesObject } from '@trueup/kube';
import { CUSTOM_RESOURCE_DEFINITION, customResourceDefinition } from '../kind/custom-resource-definition.js';
import type { Kind } from '../kind/kind.js';
import type { WebhookClientConfig } from '../webhooks/webhook-target.js';

type Established = KubernetesObject & {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
};

const CRD = CUSTOM_RESOURCE_DEFINITION;

/**
 * Applies the CustomResourceDefinitions of these kinds and waits until the API server serves them.
 *
 * @param conversionOf - Says where the webhook of a kind is whose versions are converted.
 */
export async function installKinds(
  client: Client,
  kinds: readonly Kind[],
  signal: AbortSignal,
  conversionOf: (kind: Kind) => WebhookClientConfig | undefined = () => undefined,
): Promise<void> {
  for (const kind of kinds) {
    const definition = customResourceDefinition(kind, conversionOf(kind));
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

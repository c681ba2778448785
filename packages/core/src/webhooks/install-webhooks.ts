import { isNotFound, type Client, type ResourceType } from '@trueup/kube';
import { WEBHOOK_CONFIGURATIONS, type WebhookConfiguration } from './webhook-configurations.js';

const KINDS = Object.values(WEBHOOK_CONFIGURATIONS);

/** Puts configurations of webhooks in place of those that are there. From then on the API server asks them. */
export async function installWebhooks(
  client: Client,
  configurations: readonly WebhookConfiguration[],
  signal: AbortSignal,
): Promise<void> {
  for (const configuration of configurations) {
    const resource = KINDS.find(({ kind }) => kind === configuration.kind);
    if (resource !== undefined) await put(client, resource, configuration, signal);
  }
}

/** Whole, not applied: one that is called at a URL must not keep the Service it had before. */
async function put(
  client: Client,
  resource: ResourceType,
  { webhooks = [], ...configuration }: WebhookConfiguration,
  signal: AbortSignal,
): Promise<void> {
  const { name } = configuration.metadata;
  const options = { fieldManager: 'trueup', signal };
  const stored = await client.find<WebhookConfiguration>(resource, { name }, { signal });
  if (stored === undefined)
    await client.create<WebhookConfiguration>(resource, { ...configuration, webhooks }, options);
  else await client.replace<WebhookConfiguration>(resource, { ...stored, webhooks }, options);
}

/** Removes the configurations of this name, so that the API server asks nobody any more. */
export async function uninstallWebhooks(client: Client, name: string, signal: AbortSignal): Promise<void> {
  for (const resource of KINDS) {
    await client.delete(resource, { name }, { signal }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }
}

import type { ResourceRegistry } from '../resources/registry.js';
import type { Store } from '../storage/store.js';
import type { WebhookClient } from './webhook-client.js';

/** What admission by configuration needs of the server. */
export interface WebhookEnvironment {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly client: WebhookClient;
}

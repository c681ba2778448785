import type { Authorizer } from '../authorization/authorizer.js';
import type { ResourceRegistry } from '../resources/registry.js';
import type { Store } from '../storage/store.js';
import type { AuditLog } from './audit-log.js';
import type { WebhookClient } from './webhook-client.js';

/** What admission by configuration needs of the server. */
export interface WebhookEnvironment {
  readonly store: Store;
  readonly registry: ResourceRegistry;
  readonly client: WebhookClient;
  /** What expressions ask for the rights of users. */
  readonly authorizer: Authorizer;
  readonly audit: AuditLog;
}

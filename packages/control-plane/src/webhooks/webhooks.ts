import type { Authorizer } from '../authorization/authorizer.js';
import type { VersionConverter } from '../crd/custom-resource.js';
import type { JsonObject } from '../object.js';
import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import type { ResourceRegistry } from '../resources/registry.js';
import type { Store } from '../storage/store.js';
import type { Table } from '../storage/table.js';
import { AuditLog } from './audit-log.js';
import type { WebhookEnvironment } from './environment.js';
import type { WebhookClient } from './webhook-client.js';

const GROUP = 'admissionregistration.k8s.io';

/**
 * Admission by webhooks and policies that are configured through the API, and conversion by webhooks.
 *
 * The code behind it is loaded when the first of them is there: most servers never have one.
 */
export class Webhooks implements AdmissionPlugin {
  readonly name = 'Webhooks';
  /** What policies that are bound with `Audit`, or have annotations, said about requests. */
  readonly audit = new AuditLog();
  readonly #store: Store;
  readonly #registry: ResourceRegistry;
  readonly #authorizer: Authorizer;
  readonly #mutating: Table;
  readonly #validating: Table;
  readonly #policies: Table;
  readonly #bindings: Table;
  #client: Promise<WebhookClient> | undefined;

  constructor(store: Store, registry: ResourceRegistry, authorizer: Authorizer) {
    this.#store = store;
    this.#registry = registry;
    this.#authorizer = authorizer;
    this.#mutating = store.table(`mutatingwebhookconfigurations.${GROUP}`);
    this.#validating = store.table(`validatingwebhookconfigurations.${GROUP}`);
    this.#policies = store.table(`validatingadmissionpolicies.${GROUP}`);
    this.#bindings = store.table(`validatingadmissionpolicybindings.${GROUP}`);
  }

  async mutate(request: AdmissionRequest): Promise<void> {
    if (this.#mutating.size === 0 || isExempt(request)) return;
    const { callMutatingWebhooks } = await import('./mutating-webhooks.js');
    await callMutatingWebhooks(this.#mutating.list(), request, await this.#environment());
  }

  async validate(request: AdmissionRequest): Promise<void> {
    if (isExempt(request)) return;
    if (this.#policies.size > 0 && this.#bindings.size > 0) {
      const { enforcePolicies } = await import('./enforce-policies.js');
      const stored = { policies: this.#policies.list(), bindings: this.#bindings.list() };
      await enforcePolicies(stored, request, await this.#environment());
    }
    if (this.#validating.size > 0) {
      const { callValidatingWebhooks } = await import('./validating-webhooks.js');
      await callValidatingWebhooks(this.#validating.list(), request, await this.#environment());
    }
  }

  /** The converter of a CustomResourceDefinition's `spec.conversion` with the strategy Webhook. */
  converter(conversion: JsonObject): VersionConverter {
    return async (objects, apiVersion) => {
      const { callConversionWebhook } = await import('./conversion-webhook.js');
      return callConversionWebhook(conversion, objects, apiVersion, await this.#loadClient());
    };
  }

  /** Ends calls that are under way and closes connections. */
  async close(): Promise<void> {
    (await this.#client)?.close();
  }

  async #environment(): Promise<WebhookEnvironment> {
    const client = await this.#loadClient();
    return { store: this.#store, registry: this.#registry, authorizer: this.#authorizer, audit: this.audit, client };
  }

  #loadClient(): Promise<WebhookClient> {
    return (this.#client ??= import('./webhook-client.js').then(({ WebhookClient }) => new WebhookClient()));
  }
}

/** Nobody can lock themselves out: configurations of admission are not subject to it. */
function isExempt({ resource }: AdmissionRequest): boolean {
  return resource.group === GROUP;
}

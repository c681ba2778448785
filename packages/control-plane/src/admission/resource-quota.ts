import { objectAt, statusOf } from '../access.js';
import type { Api } from '../controllers/api.js';
import { RESOURCE_QUOTAS } from '../controllers/resource-names.js';
import { chargeOf, QuotaError, usedWith, type QuotaSubject } from '../quota/quota-check.js';
import { formatList, type ResourceList } from '../quota/resource-list.js';
import { countableOf } from '../quota/usage.js';
import { refusal } from '../resources/admission-request.js';
import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import type { Store } from '../storage/store.js';
import type { StoredObject, Table } from '../storage/table.js';

/** Events are never counted. */
const UNCOUNTED = 'events';

/**
 * Refuses what would exceed a ResourceQuota, and charges what is let in to the quota's status at once.
 *
 * It must be the last to be asked. What is charged and then not stored after all is found by the quota controller.
 */
export class ResourceQuotaAdmission implements AdmissionPlugin {
  readonly name = 'ResourceQuota';
  readonly #quotas: Table;
  readonly #api: () => Api;
  readonly #now: () => Date;

  /** @param options.api - Writes the status of quotas; asked for when the first charge is made. */
  constructor({ store, api, now }: { readonly store: Store; api(): Api; now(): Date }) {
    this.#quotas = store.table('resourcequotas');
    this.#api = api;
    this.#now = now;
  }

  async validate(request: AdmissionRequest): Promise<void> {
    const { operation, resource, subresource, namespace, object, oldObject, dryRun } = request;
    if (this.#quotas.size === 0 || namespace === undefined || !resource.namespaced) return;
    if (object === undefined || subresource !== undefined || resource.plural === UNCOUNTED) return;
    const countable = countableOf(resource);
    if (operation !== 'CREATE' && !(operation === 'UPDATE' && countable.countsUpdates)) return;
    const subject = { countable, object, ...(oldObject && { oldObject }), now: this.#now() };
    try {
      const charges = this.#quotas.list(namespace).map((quota) => ({ quota, charge: checked(quota, subject) }));
      if (dryRun) return;
      for (const { quota, charge } of charges) if (charge.size > 0) await this.#charge(quota, charge);
    } catch (error) {
      throw error instanceof QuotaError ? refusal(request, error.message) : error;
    }
  }

  /** Others may have charged the quota in the meantime: it is checked as it is when it is written. */
  async #charge({ metadata }: StoredObject, charge: ResourceList): Promise<void> {
    await this.#api().update(
      RESOURCE_QUOTAS,
      metadata.namespace,
      metadata.name ?? '',
      (draft) => {
        draft['status'] = {
          ...statusOf(draft),
          used: { ...objectAt(statusOf(draft), 'used'), ...formatList(usedWith(draft, charge)) },
        };
      },
      'status',
    );
  }
}

function checked(quota: StoredObject, subject: QuotaSubject): ResourceList {
  const charge = chargeOf(quota, subject);
  usedWith(quota, charge);
  return charge;
}

import { objectAt, specOf, statusOf, stringAt } from '../access.js';
import type { Clock } from '../clock.js';
import { equalJson } from '../json.js';
import type { KubeObject } from '../object.js';
import { totalUsage } from '../quota/quota-check.js';
import {
  addLists,
  formatList,
  namesOf,
  only,
  resourceListAt,
  type ResourceList,
  ZERO,
} from '../quota/resource-list.js';
import { countablesFor } from '../quota/usage.js';
import type { Api, ObjectEvent } from './api.js';
import { objectKey, ObjectController, type ObjectKey } from './object-controller.js';
import { EVENTS, isResource, PERSISTENT_VOLUME_CLAIMS, PODS, RESOURCE_QUOTAS, SERVICES } from './resource-names.js';

/** As kube-controller-manager's `--resource-quota-sync-period`. */
const PERIOD_MS = 300_000;

/**
 * Keeps the status of ResourceQuotas: what they allow, and what is used of it. Admission adds to the latter; what is
 * deleted or has ended is taken off here, and everything is counted again every five minutes.
 */
export class QuotaController extends ObjectController {
  readonly name = 'resourcequota-controller';

  constructor({ clock }: { readonly clock: Clock }) {
    super(RESOURCE_QUOTAS, clock);
  }

  protected follow(api: Api, add: (key: ObjectKey) => void): () => void {
    return api.onEvent((event) => {
      const { type, resource, object, old } = event;
      if (isResource(resource, RESOURCE_QUOTAS)) {
        if (type !== 'MODIFIED' || old === undefined || !equalJson(specOf(old), specOf(object))) {
          add(objectKey(object.metadata));
        }
      }
      if (object.metadata.namespace === undefined || !mayFreeSomething(event)) return;
      for (const { metadata } of api.list(RESOURCE_QUOTAS, object.metadata.namespace)) add(objectKey(metadata));
    });
  }

  protected async sync(api: Api, { metadata }: Readonly<KubeObject>, key: ObjectKey): Promise<void> {
    this.lookAgain(key, this.clock.now().getTime() + PERIOD_MS);
    await api.update(
      RESOURCE_QUOTAS,
      metadata.namespace,
      metadata.name ?? '',
      (draft) => {
        const hard = resourceListAt(specOf(draft), 'hard');
        // Counted anew for each attempt: what admission has charged in between is there by now, or will be.
        const used = this.#used(api, draft, namesOf(hard));
        const status = { hard: formatList(hard), used: formatList(used) };
        if (!equalJson(status, { hard: objectAt(statusOf(draft), 'hard'), used: objectAt(statusOf(draft), 'used') })) {
          draft['status'] = status;
        }
      },
      'status',
    );
  }

  #used(api: Api, quota: Readonly<KubeObject>, names: readonly string[]): ResourceList {
    const countables = countablesFor(names);
    const counted = names.filter((name) => countables.some((countable) => countable.isAbout(name)));
    let used: ResourceList = new Map(counted.map((name) => [name, ZERO]));
    for (const countable of countables) {
      const objects = api.list(countable, quota.metadata.namespace);
      used = addLists(used, totalUsage(quota, countable, objects, this.clock.now()));
    }
    return only(used, counted);
  }
}

/** What is made is charged when it is made. */
function mayFreeSomething({ type, resource, object, old }: ObjectEvent): boolean {
  if (isResource(resource, EVENTS)) return false;
  if (type === 'DELETED') return true;
  if (type === 'ADDED' || old === undefined) return false;
  if (isResource(resource, PODS)) return !hasEnded(old) && hasEnded(object);
  const isSized = isResource(resource, SERVICES) || isResource(resource, PERSISTENT_VOLUME_CLAIMS);
  return isSized && !equalJson(specOf(old), specOf(object));
}

function hasEnded(pod: Readonly<KubeObject>): boolean {
  return ['Succeeded', 'Failed'].includes(stringAt(statusOf(pod), 'phase'));
}

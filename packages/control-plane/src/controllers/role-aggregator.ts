import { objectsAt, optionalObjectAt } from '../access.js';
import { matchesSelector } from '../builtins/label-selector.js';
import { copyJson, equalJson } from '../json.js';
import type { JsonObject, KubeObject } from '../object.js';
import type { Api, ServerController } from './api.js';
import { CLUSTER_ROLES, isResource } from './resource-names.js';
import { WorkQueue } from './work-queue.js';

/**
 * Keeps the rules of ClusterRoles that gather them from others: `admin`, `edit` and `view`, and those that users make.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles | Aggregated ClusterRoles}
 */
export class RoleAggregator implements ServerController {
  readonly name = 'clusterrole-aggregation-controller';
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  start(api: Api): void {
    // A change to one role may matter to any other: all are looked at, one after the other.
    const queue = new WorkQueue({ process: (name) => aggregate(api, name), concurrency: 1 });
    this.#queue = queue;
    const addAll = (): void => {
      for (const role of api.list(CLUSTER_ROLES)) if (gathers(role)) queue.add(role.metadata.name ?? '');
    };
    this.#unsubscribe = api.onEvent(({ resource }) => {
      if (isResource(resource, CLUSTER_ROLES)) addAll();
    });
    addAll();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }
}

async function aggregate(api: Api, name: string): Promise<void> {
  const role = api.get(CLUSTER_ROLES, undefined, name);
  if (!role || !gathers(role)) return;
  const rules = gatheredRules(role, api.list(CLUSTER_ROLES));
  if (equalJson(rules, role['rules'] ?? [])) return;
  await api.update(CLUSTER_ROLES, undefined, name, (draft) => {
    draft['rules'] = copyJson(rules);
  });
}

/** The rules of the roles that are selected, by their names, each rule once. */
function gatheredRules(role: Readonly<KubeObject>, others: readonly Readonly<KubeObject>[]): JsonObject[] {
  const rules: JsonObject[] = [];
  const selectors = selectorsOf(role);
  for (const other of others) {
    const isSelected = selectors.some((selector) => matchesSelector(selector, other.metadata.labels));
    if (other.metadata.name === role.metadata.name || !isSelected) continue;
    for (const rule of objectsAt(other, 'rules')) {
      if (!rules.some((known) => equalJson(known, rule))) rules.push(rule);
    }
  }
  return rules;
}

function gathers(role: Readonly<KubeObject>): boolean {
  return optionalObjectAt(role, 'aggregationRule') !== undefined;
}

function selectorsOf(role: Readonly<KubeObject>): JsonObject[] {
  return objectsAt(optionalObjectAt(role, 'aggregationRule') ?? {}, 'clusterRoleSelectors');
}

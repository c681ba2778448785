import type { Change, KubernetesObject } from '@trueup/kube';
import { canonicalJson } from '../shared-config/canonical-json.js';
import type { ConfigObject } from './config-ref.js';
import { isBeingJudged } from './resolve-reference.js';

/** What the pattern writes into a config's status about its users; it tells the users nothing. */
const ABOUT_USERS: readonly string[] = ['referencingWorkloads', 'referenceCount', 'observedGeneration'];

/**
 * Whether a change of a config can change anything for those who reference it. An edit can't until it is judged: the
 * verdict is a change of its own. Who uses the config does not concern its users.
 */
export function concernsConsumers(change: Change<KubernetesObject>): boolean {
  if (change.type !== 'updated') return true;
  // A reference declares that its target is a config.
  const before = change.old as ConfigObject;
  const now = change.object as ConfigObject;
  if (isBeingJudged(now)) return false;
  return (
    before.metadata.generation !== now.metadata.generation ||
    before.metadata.deletionTimestamp !== now.metadata.deletionTimestamp ||
    said(before) !== said(now)
  );
}

function said({ status }: ConfigObject): string {
  return canonicalJson(
    Object.fromEntries(Object.entries(status ?? {}).filter(([field]) => !ABOUT_USERS.includes(field))),
  );
}

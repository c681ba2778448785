import type { Change, KubernetesObject } from '@trueup/kube';
import { findCondition } from '../conditions/condition.js';
import { canonicalJson } from '../shared-config/canonical-json.js';
import type { ConfigObject } from './config-ref.js';
import { isBeingJudged } from './resolve-reference.js';

/**
 * Whether a change of a config can change anything for those who reference it: another spec, another verdict on it,
 * another hash. An edit can't until it is judged: the verdict is a change of its own. What else its status says, such as
 * who uses it, does not concern its users.
 *
 * @param judgement the condition of the config that is the verdict
 */
export function concernsConsumers(change: Change<KubernetesObject>, judgement: string): boolean {
  if (change.type !== 'updated') return true;
  // A reference declares that its target is a config.
  const before = change.old as ConfigObject;
  const now = change.object as ConfigObject;
  if (isBeingJudged(now, judgement)) return false;
  return (
    before.metadata.generation !== now.metadata.generation ||
    before.metadata.deletionTimestamp !== now.metadata.deletionTimestamp ||
    said(before, judgement) !== said(now, judgement)
  );
}

function said({ status }: ConfigObject, judgement: string): string {
  return canonicalJson([findCondition(status?.conditions, judgement), status?.configHash]);
}

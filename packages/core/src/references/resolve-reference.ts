import type { KubernetesObject, Store } from '@trueup/kube';
import { findCondition, type Condition } from '../conditions/condition.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import type { ResolvedReference } from '../engine/context.js';
import type { ConfigObject, ConfigRef } from './config-ref.js';

/** Looks a reference up in the cache and judges what it found. Pure. */
export function resolveReference(
  ref: ConfigRef,
  consumer: KubernetesObject,
  configs: Pick<Store<ConfigObject>, 'get'>,
): ResolvedReference {
  const name = ref.name(consumer);
  if (name === undefined || name === '') {
    const stated = ref.unreferenced?.(consumer);
    return { state: 'none', ...(stated === undefined ? {} : { verdict: stated }) };
  }
  const namespace = consumer.metadata.namespace;
  const config = configs.get(namespace === undefined ? { name } : { namespace, name });
  if (config === undefined) {
    return { state: 'unusable', name, cause: 'notFound', verdict: ref.wording.notFound(name, namespace ?? '') };
  }

  const valid = findCondition(config.status?.conditions, ref.judgement);
  if (valid === undefined || valid.status === 'Unknown') {
    return { state: 'unusable', name, config, cause: 'pending', verdict: ref.wording.pending(name) };
  }
  if (isStale(valid, config)) {
    // What was said before stays said: an edit of the config must not make its users flap.
    return { state: 'unusable', name, config, cause: 'stale', verdict: undefined };
  }
  if (valid.status === 'False') {
    const source = { reason: valid.reason === '' ? ref.fallbackReason : valid.reason, message: valid.message };
    return { state: 'unusable', name, config, cause: 'invalid', verdict: ref.wording.invalid(name, source) };
  }
  const judgement = ref.accepts?.(config, consumer);
  if (judgement !== undefined && judgement.status !== 'True') {
    return { state: 'unusable', name, config, cause: 'notAccepted', verdict: judgement };
  }
  return { state: 'usable', name, config, verdict: judgement ?? ref.wording.valid(name) };
}

/** Whether a config has been edited since its last verdict. */
export function isBeingJudged(config: ConfigObject, judgement: string): boolean {
  const valid = findCondition(config.status?.conditions, judgement);
  return valid !== undefined && isStale(valid, config);
}

/** A config that is being deleted is not judged any more, though that changed its generation: its last verdict counts. */
function isStale(valid: Condition, { metadata }: ConfigObject): boolean {
  return metadata.deletionTimestamp === undefined && (valid.observedGeneration ?? 0) < (metadata.generation ?? 0);
}

/** The consumer's condition for a reference, given whether it has one already. */
export function verdictOf(resolved: ResolvedReference, ref: ConfigRef, hasCondition: boolean): Verdict {
  if (resolved.state === 'none') return resolved.verdict ?? verdict.absent;
  if (resolved.verdict !== undefined) return resolved.verdict;
  return hasCondition ? verdict.unchanged : ref.wording.pending(resolved.name);
}

import { isNotFound, type Informer, type KubernetesObject } from '@trueup/kube';
import type { Controller } from '../engine/controller.js';
import type { LeaseThread } from '../leader-election/lease-thread.js';
import { messageOf } from '../errors.js';
import type { Check } from './checks.js';

/** A reconcile that goes on for so many deadlines does not heed its signal, and only a restart frees its worker. */
const STUCK_AFTER_DEADLINES = 2;

/** Bookmarks come about once a minute. A watch that silence has not ended by now does not notice it. */
const LONGEST_SILENCE_MS = 150_000;

/** What the checks look at. */
export interface CheckedOperator {
  readonly controllers: readonly Controller[];
  readonly caches: { all(): Iterable<Informer<KubernetesObject>> };
  /** Whether its webhooks are served; absent where there are none. */
  readonly webhooks: Check | undefined;
  lease(): LeaseThread | undefined;
  isStopping(): boolean;
  nowMs(): number;
}

/** What an operator that is alive does not do. That the API server is away is no reason to restart. */
export function livenessChecks(operator: CheckedOperator): readonly Check[] {
  return [
    {
      name: 'reconciles',
      problems: () =>
        operator.controllers.flatMap(({ definition, deadlineMs, queue }) => {
          const longestMs = operator.nowMs() - Math.min(...queue.activeSinceMs(), Infinity);
          if (longestMs < deadlineMs * STUCK_AFTER_DEADLINES) return [];
          const seconds = Math.round(longestMs / 1000);
          return [`${definition.name} has worked on one object for ${seconds} s and does not heed its deadline`];
        }),
    },
    {
      name: 'lease',
      problems: () =>
        operator.lease()?.isStuck === true ? ['the lease thread neither renews the lease nor gives it up'] : [],
    },
  ];
}

/** What an operator that is ready has: caches that are filled and watches that live. */
export function readinessChecks(operator: CheckedOperator): readonly Check[] {
  return [
    { name: 'running', problems: () => (operator.isStopping() ? ['the operator is stopping'] : []) },
    ...(operator.webhooks === undefined ? [] : [operator.webhooks]),
    {
      name: 'caches',
      problems: () =>
        [...operator.caches.all()].flatMap((informer) => {
          const problem = cacheProblem(informer, operator.nowMs());
          return problem === undefined ? [] : [`${informer.resource.kind}: ${problem}`];
        }),
    },
  ];
}

function cacheProblem({ state, hasSynced }: Informer<KubernetesObject>, nowMs: number): string | undefined {
  const error = 'lastError' in state ? state.lastError : undefined;
  // A kind that is not there yet is waited for by nobody.
  if (isNotFound(error)) return undefined;
  const why = error === undefined ? '' : `: ${messageOf(error)}`;
  if (!hasSynced) return `not synced${why}`;
  if (state.phase !== 'watching') return `not watching${why}`;
  const silentMs = nowMs - state.lastEventMs;
  return silentMs > LONGEST_SILENCE_MS ? `the watch has been silent for ${Math.round(silentMs / 1000)} s` : undefined;
}

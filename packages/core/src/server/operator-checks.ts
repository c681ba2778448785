import { isNotFound, type Informer, type KubernetesObject } from '@trueup/kube';
import type { Controller } from '../engine/controller.js';
import type { LeaseThread } from '../leader-election/lease-thread.js';
import { messageOf } from '../errors.js';
import type { Check } from './checks.js';

/** A reconcile that goes on for so many deadlines does not heed its signal, and only a restart frees its worker. */
const STUCK_AFTER_DEADLINES = 2;

/** What the checks look at. */
export interface CheckedOperator {
  readonly controllers: readonly Controller[];
  readonly caches: { all(): Iterable<Informer<KubernetesObject>> };
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
  const reconciled = new Set(operator.controllers.map(({ definition }) => definition.kind.resource));
  return [
    { name: 'running', problems: () => (operator.isStopping() ? ['the operator is stopping'] : []) },
    {
      name: 'caches',
      problems: () =>
        [...operator.caches.all()].flatMap((informer) => {
          const problem = cacheProblem(informer, reconciled.has(informer.resource));
          return problem === undefined ? [] : [`${informer.resource.kind}: ${problem}`];
        }),
    },
  ];
}

function cacheProblem({ state, hasSynced }: Informer<KubernetesObject>, isReconciled: boolean): string | undefined {
  const error = 'lastError' in state ? state.lastError : undefined;
  // A kind that others bring and that is not there yet is waited for by nobody.
  if (!isReconciled && isNotFound(error)) return undefined;
  const why = error === undefined ? '' : `: ${messageOf(error)}`;
  if (!hasSynced) return `not synced${why}`;
  return state.phase === 'watching' ? undefined : `not watching${why}`;
}

import { numberAt } from '../../access.js';
import type { JsonObject } from '../../object.js';
import { setCondition } from '../conditions.js';

/** Says in the status of a PodDisruptionBudget whether it allows for a disruption. */
export function setDisruptionAllowed(status: JsonObject, observedGeneration: number | undefined, now: Date): void {
  const isAllowed = numberAt(status, 'disruptionsAllowed') > 0;
  const state = isAllowed
    ? ({ status: 'True', reason: 'SufficientPods' } as const)
    : ({ status: 'False', reason: 'InsufficientPods' } as const);
  setCondition(status, { type: 'DisruptionAllowed', ...state, message: '', observedGeneration }, now);
}

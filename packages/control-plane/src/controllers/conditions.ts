import { objectsAt } from '../access.js';
import { secondsTime } from '../builtins/go-time.js';
import type { JsonObject } from '../object.js';

export interface ConditionState {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
  /** For kinds whose conditions say which generation they are about. */
  readonly observedGeneration?: number | undefined;
}

/**
 * Sets a condition in a status. `lastTransitionTime` moves when the status flips, and further times (`lastUpdateTime`)
 * whenever anything in the condition changes.
 */
export function setCondition(
  status: JsonObject,
  { type, status: value, reason, message, observedGeneration }: ConditionState,
  now: Date,
  updateTimes: readonly string[] = [],
): void {
  const conditions = objectsAt(status, 'conditions');
  const before = conditions.find((condition) => condition['type'] === type);
  const told: JsonObject = { ...before };
  const isSame = told['status'] === value && told['reason'] === reason && told['message'] === message;
  if (isSame && told['observedGeneration'] === observedGeneration) return;
  const time = secondsTime(now);
  const condition: JsonObject = {
    type,
    status: value,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    ...(observedGeneration === undefined ? {} : { observedGeneration }),
    lastTransitionTime: before?.['status'] === value ? before['lastTransitionTime'] : time,
    ...Object.fromEntries(updateTimes.map((field) => [field, time])),
  };
  status['conditions'] =
    before === undefined
      ? [...conditions, condition]
      : conditions.map((other) => (other === before ? condition : other));
}

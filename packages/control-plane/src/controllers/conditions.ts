import { objectsAt } from '../access.js';
import { secondsTime } from '../builtins/go-time.js';
import type { JsonObject } from '../object.js';

export interface ConditionState {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason?: string;
  readonly message?: string;
}

/**
 * Sets a condition in a status. `lastTransitionTime` moves when the status flips, and further times (`lastUpdateTime`)
 * whenever anything in the condition changes.
 */
export function setCondition(
  status: JsonObject,
  { type, status: value, reason, message }: ConditionState,
  now: Date,
  updateTimes: readonly string[] = [],
): void {
  const conditions = objectsAt(status, 'conditions');
  const before = conditions.find((condition) => condition['type'] === type);
  if (before?.['status'] === value && before['reason'] === reason && before['message'] === message) return;
  const time = secondsTime(now);
  const condition: JsonObject = {
    type,
    status: value,
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
    lastTransitionTime: before?.['status'] === value ? before['lastTransitionTime'] : time,
    ...Object.fromEntries(updateTimes.map((field) => [field, time])),
  };
  status['conditions'] =
    before === undefined
      ? [...conditions, condition]
      : conditions.map((other) => (other === before ? condition : other));
}

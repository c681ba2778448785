const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/**
 * A duration as kubectl prints ages: `42s`, `3m12s`, `5h`, `2d4h`, `3y12d`, with fewer units the longer it is.
 *
 * @see {@link https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/util/duration/duration.go | HumanDuration}
 */
export function humanDuration(durationMs: number): string {
  const ms = Math.trunc(durationMs / SECOND) * SECOND;
  if (ms < -SECOND) return '<invalid>';
  if (ms < 0) return '0s';
  if (ms < 2 * MINUTE) return `${ms / SECOND}s`;
  if (ms < 10 * MINUTE) return twoUnits(ms, MINUTE, 'm', SECOND, 's');
  if (ms < 3 * HOUR) return oneUnit(ms, MINUTE, 'm');
  if (ms < 8 * HOUR) return twoUnits(ms, HOUR, 'h', MINUTE, 'm');
  if (ms < 2 * DAY) return oneUnit(ms, HOUR, 'h');
  if (ms < 8 * DAY) return twoUnits(ms, DAY, 'd', HOUR, 'h');
  if (ms < 2 * YEAR) return oneUnit(ms, DAY, 'd');
  if (ms < 8 * YEAR) return twoUnits(ms, YEAR, 'y', DAY, 'd');
  return oneUnit(ms, YEAR, 'y');
}

function oneUnit(ms: number, unit: number, name: string): string {
  return `${Math.floor(ms / unit)}${name}`;
}

function twoUnits(ms: number, unit: number, name: string, smallUnit: number, smallName: string): string {
  const small = Math.floor((ms % unit) / smallUnit);
  return small === 0 ? oneUnit(ms, unit, name) : `${oneUnit(ms, unit, name)}${small}${smallName}`;
}

/** The age of something that began at an RFC 3339 time, `<unknown>` without one. */
export function age(since: unknown, nowMs: number): string {
  return typeof since === 'string' ? humanDuration(nowMs - Date.parse(since)) : '<unknown>';
}

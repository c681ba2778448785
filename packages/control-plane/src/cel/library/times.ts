import { aDuration, aString, aTimestamp, method, type Overload } from '../overload.js';
import { calendarOf, dayOfYear, floorDivide } from '../time.js';
import { INT } from '../types.js';

const CALENDAR_FIELDS: Readonly<Record<string, (calendar: Date) => number>> = {
  getFullYear: (calendar) => calendar.getUTCFullYear(),
  getMonth: (calendar) => calendar.getUTCMonth(),
  getDate: (calendar) => calendar.getUTCDate(),
  getDayOfMonth: (calendar) => calendar.getUTCDate() - 1,
  getDayOfWeek: (calendar) => calendar.getUTCDay(),
  getDayOfYear: dayOfYear,
  getHours: (calendar) => calendar.getUTCHours(),
  getMinutes: (calendar) => calendar.getUTCMinutes(),
  getSeconds: (calendar) => calendar.getUTCSeconds(),
};

const NANOS_PER_MILLI = 1_000_000n;

/** The whole units in a duration. */
const DURATION_PARTS: Readonly<Record<string, (nanos: bigint) => bigint>> = {
  getHours: (nanos) => nanos / 3_600_000_000_000n,
  getMinutes: (nanos) => nanos / 60_000_000_000n,
  getSeconds: (nanos) => nanos / 1_000_000_000n,
  getMilliseconds: (nanos) => nanos / NANOS_PER_MILLI,
};

function milliseconds(nanos: bigint): bigint {
  const millis = floorDivide(nanos, NANOS_PER_MILLI);
  return millis - floorDivide(millis, 1000n) * 1000n;
}

/** The fields of timestamps and the parts of durations. */
export const times: readonly Overload[] = [
  ...Object.entries(CALENDAR_FIELDS).flatMap(([name, field]) => [
    method(name, [aTimestamp], INT, (time) => BigInt(field(calendarOf(time.nanos, 'UTC')))),
    method(name, [aTimestamp, aString], INT, (time, zone) => BigInt(field(calendarOf(time.nanos, zone)))),
  ]),
  method('getMilliseconds', [aTimestamp], INT, (time) => milliseconds(time.nanos)),
  method('getMilliseconds', [aTimestamp, aString], INT, (time) => milliseconds(time.nanos)),
  ...Object.entries(DURATION_PARTS).map(([name, part]) =>
    method(name, [aDuration], INT, (duration) => part(duration.nanos)),
  ),
];

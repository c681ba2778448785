import { isDate } from '../schema/formats.js';
import { parseGoDuration } from '../schema/go-duration.js';
import { TimeZone } from '../time-zone.js';
import { CelError } from './cel-error.js';

export const NANOS_PER_SECOND = 1_000_000_000n;
const NANOS_PER_MILLI = 1_000_000n;
/** 0001-01-01T00:00:00Z and 9999-12-31T23:59:59Z in seconds since 1970. */
const FIRST_SECOND = -62_135_596_800n;
const LAST_SECOND = 253_402_300_799n;

/** Seconds per unit of the words that `format: duration` also takes: `3 days`. */
const LOOSE_UNITS: readonly (readonly [RegExp, bigint])[] = [
  [/^(ns|nano.*)$/i, 1n],
  [/^(us|µs|micro.*)$/i, 1_000n],
  [/^(ms|milli.*)$/i, NANOS_PER_MILLI],
  [/^(s|sec.*)$/i, NANOS_PER_SECOND],
  [/^(m|min.*)$/i, 60n * NANOS_PER_SECOND],
  [/^(h|hr|hour.*)$/i, 3600n * NANOS_PER_SECOND],
  [/^(d|day.*)$/i, 86_400n * NANOS_PER_SECOND],
  [/^(w|wk|week.*)$/i, 604_800n * NANOS_PER_SECOND],
];

/** Nanoseconds of a `format: duration`: a Go duration, or numbers with words. */
export function parseDuration(text: string): bigint | undefined {
  const nanos = parseGoDuration(text);
  if (nanos !== undefined) {
    return nanos;
  }
  let sum: bigint | undefined;
  for (const [, amount = '0', word = ''] of text.matchAll(/(\d+)\s*([A-Za-zµ]+)/g)) {
    const scale = LOOSE_UNITS.find(([unit]) => unit.test(word))?.[1];
    if (scale !== undefined) {
      sum = (sum ?? 0n) + BigInt(amount) * scale;
    }
  }
  return sum;
}

/** Nanoseconds since 1970 of an RFC 3339 timestamp. */
export function parseTimestamp(text: string): bigint | undefined {
  const parts = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(Z|[+-]\d{2}:\d{2})$/.exec(text);
  if (parts === null || !isDate(parts[1] ?? '')) {
    return undefined;
  }
  const [, date = '', hours = '', minutes = '', seconds = '', fraction = '', zone = ''] = parts;
  if (Number(hours) > 23 || Number(minutes) > 59 || Number(seconds) > 59) {
    return undefined;
  }
  const millis = Date.parse(`${date}T${hours}:${minutes}:${seconds}Z`);
  const offset = zone === 'Z' ? 0 : zoneOffsetSeconds(zone);
  if (offset === undefined) {
    return undefined;
  }
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return BigInt(millis) * NANOS_PER_MILLI + nanos - BigInt(offset) * NANOS_PER_SECOND;
}

/** @throws {@link CelError} for a time that RFC 3339 cannot write. */
export function checkTimestamp(nanos: bigint): bigint {
  const seconds = floorDivide(nanos, NANOS_PER_SECOND);
  if (seconds < FIRST_SECOND || seconds > LAST_SECOND) {
    throw new CelError('timestamp overflow');
  }
  return nanos;
}

export function formatTimestamp(nanos: bigint): string {
  const seconds = floorDivide(nanos, NANOS_PER_SECOND);
  const rest = nanos - seconds * NANOS_PER_SECOND;
  const text = new Date(Number(seconds) * 1000).toISOString().slice(0, 19);
  const fraction = rest === 0n ? '' : `.${rest.toString().padStart(9, '0').replace(/0+$/, '')}`;
  return `${text}${fraction}Z`;
}

/** In seconds, as `string(duration)` writes it: `90.5s`. */
export function formatDuration(nanos: bigint): string {
  const sign = nanos < 0n ? '-' : '';
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = (size % NANOS_PER_SECOND).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${size / NANOS_PER_SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

/** The calendar fields of a timestamp in a time zone: UTC, `+01:00`, or a name as `Europe/Berlin`. */
export function calendarOf(nanos: bigint, zone: string): Date {
  const millis = Number(floorDivide(nanos, NANOS_PER_MILLI));
  const offset = zone === '' || zone === 'UTC' ? 0 : (zoneOffsetSeconds(zone) ?? namedZoneOffset(zone, millis));
  return new Date(millis + offset * 1000);
}

/** Days since the first of January. */
export function dayOfYear(calendar: Date): number {
  const start = Date.UTC(calendar.getUTCFullYear(), 0, 1);
  return Math.floor((calendar.getTime() - start) / 86_400_000);
}

export function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by;
  return value < 0n && quotient * by !== value ? quotient - 1n : quotient;
}

function zoneOffsetSeconds(zone: string): number | undefined {
  const parts = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone);
  if (parts === null) {
    return undefined;
  }
  return (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) * 3600 + Number(parts[3]) * 60);
}

function namedZoneOffset(name: string, millis: number): number {
  const zone = TimeZone.named(name);
  if (zone === undefined) throw new CelError(`unknown time zone ${name}`);
  return zone.offsetSeconds(millis);
}

/** Times as the API server reads and writes them: RFC 3339 in UTC, seconds (`Time`) or microseconds (`MicroTime`). */

/** Thrown for a text that is no time; the message is the API server's. */
export class TimeError extends Error {
  override readonly name = 'TimeError';
}

const SECONDS_LAYOUT = '2006-01-02T15:04:05Z07:00';
const MICROS_LAYOUT = '2006-01-02T15:04:05.000000Z07:00';

/** In normal form already, and valid in any month: what nearly every time is. */
const NORMAL = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/;

/** Reads RFC 3339 with any fraction, which is dropped. @throws {@link TimeError} */
export function normalizeTime(text: string): string {
  if (NORMAL.test(text)) return text;
  const { rest, seconds } = readSeconds(text, SECONDS_LAYOUT);
  const fraction = /^[.,]\d+/.exec(rest)?.[0] ?? '';
  const offset = readOffset(text, rest.slice(fraction.length), SECONDS_LAYOUT);
  return new Date(seconds - offset).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Reads RFC 3339 with a fraction of exactly six digits. @throws {@link TimeError} */
export function normalizeMicroTime(text: string): string {
  const { rest, seconds } = readSeconds(text, MICROS_LAYOUT);
  const fraction = /^\.\d{6}/.exec(rest)?.[0];
  if (fraction === undefined) throw cannotParse(text, MICROS_LAYOUT, rest, '.000000');
  const offset = readOffset(text, rest.slice(fraction.length), MICROS_LAYOUT);
  return new Date(seconds - offset).toISOString().replace(/\.\d+Z$/, `${fraction}Z`);
}

/** A moment as `MicroTime`; the clock's milliseconds are all there is to know. */
export function microTime(moment: Date): string {
  return moment.toISOString().replace('Z', '000Z');
}

/** A moment as `Time`. */
export function secondsTime(moment: Date): string {
  return moment.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** What a time is made of up to its seconds: pattern, the layout element named when it does not match, its range. */
const ELEMENTS: readonly { pattern: RegExp; layout: string; name?: string; min?: number; max?: number }[] = [
  { pattern: /^\d{4}/, layout: '2006' },
  { pattern: /^-/, layout: '-' },
  { pattern: /^\d{2}/, layout: '01', name: 'month', min: 1, max: 12 },
  { pattern: /^-/, layout: '-' },
  { pattern: /^\d{2}/, layout: '02', name: 'day', min: 1, max: 31 },
  { pattern: /^T/, layout: 'T' },
  { pattern: /^\d{2}/, layout: '15', name: 'hour', min: 0, max: 23 },
  { pattern: /^:/, layout: ':' },
  { pattern: /^\d{2}/, layout: '04', name: 'minute', min: 0, max: 59 },
  { pattern: /^:/, layout: ':' },
  { pattern: /^\d{2}/, layout: '05', name: 'second', min: 0, max: 59 },
];

function readSeconds(text: string, layout: string): { rest: string; seconds: number } {
  let rest = text;
  for (const element of ELEMENTS) {
    const part = element.pattern.exec(rest)?.[0];
    if (part === undefined) throw cannotParse(text, layout, rest, element.layout);
    const { name, min = 0, max = 0 } = element;
    if (name !== undefined && (Number(part) < min || Number(part) > max)) {
      throw new TimeError(`parsing time ${JSON.stringify(text)}: ${name} out of range`);
    }
    rest = rest.slice(part.length);
  }
  const wall = text.slice(0, text.length - rest.length);
  const seconds = Date.parse(`${wall}Z`);
  if (Number.isNaN(seconds) || Number(wall.slice(8, 10)) !== new Date(seconds).getUTCDate()) {
    throw new TimeError(`parsing time ${JSON.stringify(text)}: day out of range`);
  }
  return { rest, seconds };
}

function readOffset(text: string, rest: string, layout: string): number {
  if (rest === 'Z') return 0;
  const match = /^([+-])(\d{2}):(\d{2})$/.exec(rest);
  if (match === null) throw cannotParse(text, layout, rest, 'Z07:00');
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  return (match[1] === '-' ? -minutes : minutes) * 60_000;
}

function cannotParse(text: string, layout: string, rest: string, element: string): TimeError {
  return new TimeError(
    `parsing time ${JSON.stringify(text)} as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`,
  );
}

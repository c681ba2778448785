import { parseGoDuration } from '../schema/go-duration.js';
import { TimeZone } from '../time-zone.js';

/** When something is to happen again and again. */
export interface CronSchedule {
  /** The first time after a moment, in milliseconds since the epoch; undefined when there is none for years. */
  next(afterMs: number): number | undefined;
}

/** Thrown for a text that is no schedule; the message is that of the library which Kubernetes uses. */
export class CronError extends Error {
  override readonly name = 'CronError';
}

interface Bounds {
  readonly min: number;
  readonly max: number;
  readonly names?: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const MINUTE: Bounds = { min: 0, max: 59 };
const HOUR: Bounds = { min: 0, max: 23 };
const DAY: Bounds = { min: 1, max: 31 };
const MONTH: Bounds = { min: 1, max: 12, names: MONTHS };
const WEEKDAY: Bounds = { min: 0, max: 6, names: WEEKDAYS };

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const MINUTE_MS = 60_000;
const SECOND_NANOS = 1_000_000_000n;
const SEARCHED_YEARS = 5;

/**
 * Reads a schedule: five fields, `@daily` and the like, or `@every 1h30m`, after `TZ=<zone> ` where it has a zone of its
 * own. As robfig/cron v3 does, which Kubernetes uses: Sunday is 0 and not 7.
 *
 * @param zone - Whose clock is meant. Default: UTC.
 * @throws {@link CronError}
 */
export function parseCron(text: string, zone = TimeZone.UTC): CronSchedule {
  if (text === '') throw new CronError('empty spec string');
  const own = /^(?:CRON_)?TZ=(\S*)\s*(.*)$/s.exec(text);
  if (own !== null) {
    const [, name = '', rest = ''] = own;
    const named = TimeZone.named(name);
    if (named === undefined) throw new CronError(`provided bad location ${name}: unknown time zone ${name}`);
    return parseFields(rest.trim(), named);
  }
  return parseFields(text, zone);
}

function parseFields(text: string, zone: TimeZone): CronSchedule {
  if (text.startsWith('@every ')) return new EverySchedule(text.slice('@every '.length));
  if (text.startsWith('@') && DESCRIPTORS[text] === undefined) throw new CronError(`unrecognized descriptor: ${text}`);
  const fields = (DESCRIPTORS[text] ?? text).split(/\s+/).filter((field) => field !== '');
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  if (fields.length !== 5) {
    throw new CronError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  return new CalendarSchedule(
    {
      minutes: readField(minute, MINUTE).values,
      hours: readField(hour, HOUR).values,
      days: readField(day, DAY),
      months: readField(month, MONTH).values,
      weekdays: readField(weekday, WEEKDAY),
    },
    zone,
  );
}

/** Which values a field allows. */
interface Field {
  readonly values: ReadonlySet<number>;
  /** It says any, with a `*` or a `?`. */
  readonly isAny: boolean;
}

function readField(text: string, bounds: Bounds): Field {
  const parts = text.split(',').filter((part) => part !== '');
  const ranges = parts.map((part) => readRange(part, bounds));
  return { values: new Set(ranges.flatMap(({ values }) => values)), isAny: ranges.some(({ isAny }) => isAny) };
}

function readRange(text: string, bounds: Bounds): { readonly values: readonly number[]; readonly isAny: boolean } {
  const [range = '', stepText, ...moreSteps] = text.split('/');
  const [low = '', high, ...moreHyphens] = range.split('-');
  const isAny = low === '*' || low === '?';
  let [start, end] = [bounds.min, bounds.max];
  if (!isAny) {
    start = readNumber(low, bounds);
    end = high === undefined ? start : readNumber(high, bounds);
    if (moreHyphens.length > 0) throw new CronError(`too many hyphens: ${text}`);
  }
  let step = 1;
  if (stepText !== undefined) {
    if (moreSteps.length > 0) throw new CronError(`too many slashes: ${text}`);
    step = readNumber(stepText);
    // `5/10` begins at 5 and goes on to the end.
    if (high === undefined) end = bounds.max;
  }
  if (start < bounds.min) throw new CronError(`beginning of range (${start}) below minimum (${bounds.min}): ${text}`);
  if (end > bounds.max) throw new CronError(`end of range (${end}) above maximum (${bounds.max}): ${text}`);
  if (start > end) throw new CronError(`beginning of range (${start}) beyond end of range (${end}): ${text}`);
  if (step === 0) throw new CronError(`step of range should be a positive number: ${text}`);
  const values = Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);
  return { values, isAny: isAny && step === 1 };
}

function readNumber(text: string, { names, min = 0 }: Partial<Bounds> = {}): number {
  const named = names?.indexOf(text.toLowerCase()) ?? -1;
  if (named >= 0) return named + min;
  if (!/^[+-]?\d+$/.test(text)) {
    const problem = `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
    throw new CronError(`failed to parse int from ${text}: ${problem}`);
  }
  const value = Number(text);
  if (value < 0) throw new CronError(`negative number (${value}) not allowed: ${text}`);
  return value;
}

interface CalendarFields {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: Field;
  readonly months: ReadonlySet<number>;
  readonly weekdays: Field;
}

class CalendarSchedule implements CronSchedule {
  readonly #fields: CalendarFields;
  readonly #zone: TimeZone;

  constructor(fields: CalendarFields, zone: TimeZone) {
    this.#fields = fields;
    this.#zone = zone;
  }

  /** Goes forward to the first month, day, hour and minute that fit. What clocks skip in spring is skipped. */
  next(afterMs: number): number | undefined {
    const { months, hours, minutes } = this.#fields;
    const lastYear = this.#zone.wallClock(afterMs).getUTCFullYear() + SEARCHED_YEARS;
    let momentMs = Math.floor(afterMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    for (;;) {
      const wall = this.#zone.wallClock(momentMs);
      const [year, month, day] = [wall.getUTCFullYear(), wall.getUTCMonth(), wall.getUTCDate()];
      if (year > lastYear) return undefined;
      if (!months.has(month + 1)) momentMs = this.#zone.momentOf(Date.UTC(year, month + 1, 1));
      else if (!this.#isDay(wall)) momentMs = this.#zone.momentOf(Date.UTC(year, month, day + 1));
      else if (!hours.has(wall.getUTCHours())) momentMs += (60 - wall.getUTCMinutes()) * MINUTE_MS;
      else if (!minutes.has(wall.getUTCMinutes())) momentMs += MINUTE_MS;
      else return momentMs;
    }
  }

  /** Where both are restricted, one of day and weekday is enough. */
  #isDay(wall: Date): boolean {
    const { days, weekdays } = this.#fields;
    const isDay = days.values.has(wall.getUTCDate());
    const isWeekday = weekdays.values.has(wall.getUTCDay());
    return days.isAny || weekdays.isAny ? isDay && isWeekday : isDay || isWeekday;
  }
}

class EverySchedule implements CronSchedule {
  readonly #seconds: number;

  constructor(text: string) {
    const nanos = parseGoDuration(text);
    if (nanos === undefined) {
      const problem = `time: invalid duration ${JSON.stringify(text)}`;
      throw new CronError(`failed to parse duration @every ${text}: ${problem}`);
    }
    this.#seconds = Math.max(Number(nanos / SECOND_NANOS), 1);
  }

  next(afterMs: number): number {
    return (Math.floor(afterMs / 1000) + this.#seconds) * 1000;
  }
}

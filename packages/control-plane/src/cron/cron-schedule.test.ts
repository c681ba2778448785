import { describe, expect, it } from '@jest/globals';
import { TimeZone } from '../time-zone.js';
import { CronError, parseCron } from './cron-schedule.js';

/** The next times after a moment. */
function times(schedule: string, after: string, count: number, zone = 'UTC'): string[] {
  const parsed = parseCron(schedule, TimeZone.named(zone));
  const found: string[] = [];
  for (
    let time = parsed.next(Date.parse(after));
    time !== undefined && found.length < count;
    time = parsed.next(time)
  ) {
    found.push(new Date(time).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
}

describe('a cron schedule', () => {
  it.each([
    { schedule: '*/15 * * * *', after: '2026-01-01T00:07:30Z', expected: ['2026-01-01T00:15Z', '2026-01-01T00:30Z'] },
    {
      schedule: '0 6-16/4 * * 1-5',
      after: '2026-01-02T10:00:00Z',
      expected: ['2026-01-02T14:00Z', '2026-01-05T06:00Z'],
    },
    { schedule: '30 5/10 * * *', after: '2026-01-01T05:30:00Z', expected: ['2026-01-01T15:30Z', '2026-01-02T05:30Z'] },
    { schedule: '0 0 29 2 *', after: '2026-01-01T00:00:00Z', expected: ['2028-02-29T00:00Z', '2032-02-29T00:00Z'] },
    { schedule: '0 0 31 dec SUN', after: '2026-12-20T00:00:00Z', expected: ['2026-12-27T00:00Z', '2026-12-31T00:00Z'] },
    { schedule: '0 0 */2 * mon', after: '2026-01-01T00:00:00Z', expected: ['2026-01-03T00:00Z', '2026-01-05T00:00Z'] },
    { schedule: '0 0 ? * mon', after: '2026-01-01T00:00:00Z', expected: ['2026-01-05T00:00Z', '2026-01-12T00:00Z'] },
    { schedule: '@weekly', after: '2026-01-01T00:00:00Z', expected: ['2026-01-04T00:00Z', '2026-01-11T00:00Z'] },
    { schedule: '@every 1h30m', after: '2026-01-01T00:00:00.5Z', expected: ['2026-01-01T01:30Z', '2026-01-01T03:00Z'] },
    { schedule: '0 0 31 2 *', after: '2026-01-01T00:00:00Z', expected: [] },
  ])('of $schedule comes next at $expected', ({ schedule, after, expected }) => {
    expect(times(schedule, after, Math.max(expected.length, 1))).toEqual(expected);
  });

  it.each([
    [
      'follows the clock of its zone',
      '0 8 * * *',
      'Europe/Berlin',
      '2026-03-28T00:00:00Z',
      ['2026-03-28T07:00Z', '2026-03-29T06:00Z'],
    ],
    [
      'skips what the clock skips in spring',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-03-28T12:00:00Z',
      ['2026-03-30T00:30Z'],
    ],
    [
      'comes twice when the clock is set back',
      '30 2 * * *',
      'Europe/Berlin',
      '2026-10-24T12:00:00Z',
      ['2026-10-25T00:30Z', '2026-10-25T01:30Z'],
    ],
    [
      'gets past a midnight that is skipped',
      '0 12 2 * *',
      'America/Asuncion',
      '2023-09-30T12:00:00Z',
      ['2023-10-02T15:00Z'],
    ],
    ['may name its zone itself', 'TZ=Asia/Tokyo 0 9 * * *', 'UTC', '2026-01-01T00:00:00Z', ['2026-01-02T00:00Z']],
  ])('%s', (_name, schedule, zone, after, expected) => {
    expect(times(schedule, after, expected.length, zone)).toEqual(expected);
  });

  it.each([
    ['', 'empty spec string'],
    ['* * *', 'expected exactly 5 fields, found 3: [* * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['* 5-3 * * *', 'beginning of range (5) beyond end of range (3): 5-3'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['@sometimes', 'unrecognized descriptor: @sometimes'],
    ['@every day', 'failed to parse duration @every day: time: invalid duration "day"'],
    ['TZ=Mars/Base * * * * *', 'provided bad location Mars/Base: unknown time zone Mars/Base'],
  ])('refuses %j', (schedule, message) => {
    expect(() => parseCron(schedule)).toThrow(new CronError(message));
  });
});

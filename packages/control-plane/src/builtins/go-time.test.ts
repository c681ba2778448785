import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { microTime, normalizeMicroTime, normalizeTime, secondsTime, TimeError } from './go-time.js';

const moment = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59Z'),
  noInvalidDate: true,
});

describe('times', () => {
  it('read back what was written', () => {
    fc.assert(
      fc.property(moment, (date) => {
        expect(normalizeTime(secondsTime(date))).toBe(secondsTime(date));
        expect(normalizeMicroTime(microTime(date))).toBe(microTime(date));
      }),
    );
  });

  it.each([
    ['2024-01-01T02:00:00.999+02:00', '2024-01-01T00:00:00Z'],
    ['2024-02-29T23:30:00-01:00', '2024-03-01T00:30:00Z'],
  ])('%s is %s', (text, normal) => {
    expect(normalizeTime(text)).toBe(normal);
  });

  it.each([
    ['2023-02-29T00:00:00Z', 'parsing time "2023-02-29T00:00:00Z": day out of range'],
    ['2024-01-01T24:00:00Z', 'parsing time "2024-01-01T24:00:00Z": hour out of range'],
    ['2024-01-01', 'parsing time "2024-01-01" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T"'],
  ])('%s is refused', (text, message) => {
    expect(() => normalizeTime(text)).toThrow(new TimeError(message));
  });
});

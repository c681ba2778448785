import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatGoDuration, parseGoDuration } from './go-duration.js';

describe('Go durations', () => {
  it.each([
    ['60s', '1m0s'],
    ['1000ms', '1s'],
    ['90m', '1h30m0s'],
    ['1.5h', '1h30m0s'],
    ['.5s', '500ms'],
    ['1h1ns', '1h0m0.000000001s'],
    ['1500us', '1.5ms'],
    ['0', '0s'],
    ['-2m', '-2m0s'],
    ['25h', '25h0m0s'],
  ])('writes %s as %s', (text, normalised) => {
    expect(formatGoDuration(parseGoDuration(text) ?? -1n)).toBe(normalised);
  });

  it.each(['', '5', 's', '1 m', '1d', '1h-2m', 'PT1M', '.s', '999999999999h'])(
    'does not take %j for a duration',
    (text) => {
      expect(parseGoDuration(text)).toBeUndefined();
    },
  );

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 62n), max: 2n ** 62n }), (nanoseconds) => {
        expect(parseGoDuration(formatGoDuration(nanoseconds))).toBe(nanoseconds);
      }),
    );
  });
});

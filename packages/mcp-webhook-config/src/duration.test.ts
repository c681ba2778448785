import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatDuration, parseDuration } from './duration.js';

describe('durations', () => {
  it.each([
    ['45s', '45s'],
    ['60s', '1m0s'],
    ['1.5h', '1h30m0s'],
    ['30500ms', '30.5s'],
    ['30s1ns', '30.000000001s'],
    ['25h', '25h0m0s'],
  ])('writes %s as %s', (text, written) => {
    expect(formatDuration(parseDuration(text) ?? 0n)).toBe(written);
  });

  it.each([
    ['500ms', 500_000_000n],
    ['.5s', 500_000_000n],
    ['1us', 1_000n],
    ['1µs', 1_000n],
    ['0', 0n],
    ['-2m', -120_000_000_000n],
  ])('reads %s', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds);
  });

  it.each(['', '5', 's', '3 days', '1 m', '1d', '1h-2m', 'PT1M', '.s', '999999999999h'])(
    'does not take %j for a duration',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 10n ** 9n, max: 2n ** 62n }), (nanoseconds) => {
        expect(parseDuration(formatDuration(nanoseconds))).toBe(nanoseconds);
      }),
    );
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compareResourceVersions } from './resource-version.js';

describe('compareResourceVersions', () => {
  it('orders decimals of any length by their value', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 1n, max: 2n ** 80n }), fc.bigInt({ min: 1n, max: 2n ** 80n }), (a, b) => {
        const expected = a < b ? -1 : a > b ? 1 : 0;
        expect(Math.sign(compareResourceVersions(String(a), String(b)) ?? NaN)).toBe(expected);
      }),
    );
  });

  it.each([
    ['1', 'x-2'],
    ['01', '2'],
    ['', '1'],
    ['1', undefined],
    [undefined, undefined],
  ])('does not order %s and %s', (a, b) => {
    expect(compareResourceVersions(a, b)).toBeUndefined();
  });

  it('knows equal ones, whatever they look like', () => {
    expect(compareResourceVersions('x-1', 'x-1')).toBe(0);
  });
});

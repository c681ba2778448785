import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { formatQuantity, parseQuantity, QuantityError, roundUpToMilli } from './quantity.js';

describe('a quantity', () => {
  it.each([
    ['0.1', '100m'],
    ['2000m', '2'],
    ['1024Mi', '1Gi'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['0.5Ki', '512'],
    ['1Ki', '1Ki'],
    ['1000Ki', '1000Ki'],
    ['1500', '1500'],
    ['1e3', '1e3'],
    ['1E', '1E'],
    ['12e6', '12e6'],
    ['+5', '5'],
    ['-0.5', '-500m'],
    ['.5', '500m'],
    ['5.', '5'],
    ['0', '0'],
    ['000k', '0'],
    ['0.0000000001', '1n'],
    ['9999999999999999999999', '9223372036854775807'],
    ['8Ei', '9223372036854775807'],
    ['100E', '100E'],
  ])('%s is written as %s', (text, canonical) => {
    expect(formatQuantity(parseQuantity(text))).toBe(canonical);
  });

  it.each(['', 'much', '1x', '1 Gi', '1.2.3', '1KiB', 'Gi', '--1'])('%j is refused', (text) => {
    expect(() => parseQuantity(text)).toThrow(QuantityError);
  });

  it('keeps its value when it is written and read again', () => {
    const suffix = fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-2');
    fc.assert(
      fc.property(fc.integer(), fc.nat(999_999), suffix, (whole, fraction, unit) => {
        const first = parseQuantity(`${whole}.${fraction}${unit}`);
        const again = parseQuantity(formatQuantity(first));

        expect(again.nanos).toBe(first.nanos);
        expect(formatQuantity(again)).toBe(formatQuantity(first));
      }),
    );
  });

  it.each([
    ['0.1m', '1m'],
    ['1500u', '2m'],
    ['-0.1m', '-1m'],
    ['100m', '100m'],
  ])('%s of a resource is rounded up to %s', (text, rounded) => {
    expect(formatQuantity(roundUpToMilli(parseQuantity(text)))).toBe(rounded);
  });
});

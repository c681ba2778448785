import { describe, expect, it } from '@jest/globals';
import { canonicalQuantity } from './quantity.js';

describe('canonicalQuantity', () => {
  // What an API server stores for each of these.
  it.each([
    ['0', '0'],
    ['100m', '100m'],
    ['1000m', '1'],
    ['1500m', '1500m'],
    ['0.5', '500m'],
    ['1.5Gi', '1536Mi'],
    ['0.5Gi', '512Mi'],
    ['1024Mi', '1Gi'],
    ['512Ki', '512Ki'],
    ['1Ki', '1Ki'],
    ['0.5Ki', '512'],
    ['128974848', '128974848'],
    ['129e6', '129e6'],
    ['129M', '129M'],
    ['12e0', '12'],
    ['1.2e3', '1200'],
    ['1000k', '1M'],
    ['-1', '-1'],
    ['+2', '2'],
    ['0.1n', '1n'],
    [' 1 ', '1'],
  ])('turns %s into %s', (text, canonical) => {
    expect(canonicalQuantity(text)).toBe(canonical);
    expect(canonicalQuantity(canonical)).toBe(canonical);
  });

  it.each([
    ['', 'quantities must match the regular expression'],
    ['lots', 'quantities must match the regular expression'],
    ['1 Gi', 'quantities must match the regular expression'],
    ['1.2.3', 'quantities must match the regular expression'],
    ['1K', "unable to parse quantity's suffix"],
    ['1Gii', "unable to parse quantity's suffix"],
    ['m', 'unable to parse numeric part of quantity'],
  ])('refuses %j', (text, message) => {
    expect(() => canonicalQuantity(text)).toThrow(message);
  });
});

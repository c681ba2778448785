import { describe, expect, it } from '@jest/globals';

import { age, humanDuration } from './human-duration.js';

const [MINUTE, HOUR, DAY] = [60, 3600, 86_400];

// The bounds between the forms, as kubectl has them.
describe('humanDuration', () => {
  it.each([
    [-2, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [2 * MINUTE, '2m'],
    [3 * MINUTE + 12, '3m12s'],
    [10 * MINUTE + 5, '10m'],
    [179 * MINUTE, '179m'],
    [3 * HOUR + 5 * MINUTE, '3h5m'],
    [8 * HOUR + MINUTE, '8h'],
    [47 * HOUR, '47h'],
    [2 * DAY + 4 * HOUR, '2d4h'],
    [8 * DAY + HOUR, '8d'],
    [729 * DAY, '729d'],
    [2 * 365 * DAY + 12 * DAY, '2y12d'],
    [9 * 365 * DAY, '9y'],
  ])('of %d seconds is %s', (seconds, text) => {
    expect(humanDuration(seconds * 1000)).toBe(text);
  });

  it('is the age of a time, and unknown without one', () => {
    expect(age('2024-01-01T00:00:00Z', Date.parse('2024-01-01T00:00:05.900Z'))).toBe('5s');
    expect(age(undefined, 0)).toBe('<unknown>');
  });
});

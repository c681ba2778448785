import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fullJitterMs, retryAfterMs, retryDelayMs } from './retry-policy.js';

describe('fullJitterMs', () => {
  it('draws between nothing and a ceiling that doubles up to its cap', () => {
    fc.assert(
      fc.property(fc.nat(100), fc.double({ min: 0, max: 0.999, noNaN: true }), (attempt, share) => {
        const delayMs = fullJitterMs(attempt, { baseMs: 500, capMs: 30_000, random: () => share });
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(30_000, 500 * 2 ** attempt));
      }),
    );
  });
});

describe('retryAfterMs', () => {
  const nowMs = Date.parse('2026-01-01T00:00:00Z');

  it.each([
    { header: '2', expected: 2_000 },
    { header: 'Thu, 01 Jan 2026 00:00:30 GMT', expected: 30_000 },
    { header: 'Wed, 31 Dec 2025 00:00:00 GMT', expected: 0 },
    { header: 'soon', expected: undefined },
    { header: '', expected: undefined },
    { header: undefined, expected: undefined },
  ])('reads $header as $expected', ({ header, expected }) => {
    expect(retryAfterMs(header, nowMs)).toBe(expected);
  });
});

describe('retryDelayMs', () => {
  const NETWORK = {};

  it.each([
    { name: '429 with a time, create', failure: { status: 429, retryAfterMs: 2_000 }, verb: 'create', delay: 2_100 },
    {
      name: '429 without a time, create',
      failure: { status: 429, retryAfterMs: undefined },
      verb: 'create',
      delay: 1_100,
    },
    { name: '503 with a time, create', failure: { status: 503, retryAfterMs: 5_000 }, verb: 'create', delay: 5_100 },
    {
      name: '503 without a time, create',
      failure: { status: 503, retryAfterMs: undefined },
      verb: 'create',
      delay: undefined,
    },
    { name: '503 without a time, get', failure: { status: 503, retryAfterMs: undefined }, verb: 'get', delay: 100 },
    { name: '500, get', failure: { status: 500, retryAfterMs: undefined }, verb: 'get', delay: undefined },
    { name: '409 with a time, patch', failure: { status: 409, retryAfterMs: 1_000 }, verb: 'patch', delay: undefined },
    { name: 'broken connection, list', failure: NETWORK, verb: 'list', delay: 100 },
    { name: 'broken connection, patch', failure: NETWORK, verb: 'patch', delay: undefined },
  ] as const)('$name: $delay', ({ failure, verb, delay }) => {
    expect(retryDelayMs(failure, { verb, attempt: 0, random: () => 0.5 })).toBe(delay);
  });

  it('ends', () => {
    const busy = { status: 429, retryAfterMs: 1_000 };
    expect(retryDelayMs(busy, { verb: 'get', attempt: 4, random: () => 0 })).toBeUndefined();
    expect(retryDelayMs(NETWORK, { verb: 'get', attempt: 2, random: () => 0 })).toBeUndefined();
  });
});

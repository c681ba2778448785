import { describe, expect, it } from '@jest/globals';
import type { Condition } from './condition.js';
import { conditionsFrom } from './conditions.js';
import { verdict, type Verdict } from './verdict.js';

const THEN = '2026-01-01T00:00:00Z';
const NOW = new Date('2026-02-02T00:00:00.123Z');

function aCondition(overrides: Partial<Condition> = {}): Condition {
  return {
    type: 'Ready',
    status: 'True',
    reason: 'Fine',
    message: '',
    lastTransitionTime: THEN,
    observedGeneration: 1,
    ...overrides,
  };
}

function judged(stated: Verdict, before: readonly Condition[] = [aCondition()]): readonly Condition[] {
  return conditionsFrom(new Map([['Ready', stated]]), before, { generation: 2, now: NOW });
}

describe('conditionsFrom', () => {
  it.each([
    { name: 'keeps the transition time when only the reason changes', stated: verdict.true('Other'), time: THEN },
    {
      name: 'moves the transition time when the status flips',
      stated: verdict.false('Bad', 'b'),
      time: '2026-02-02T00:00:00Z',
    },
    {
      name: 'moves it when the status becomes unknown',
      stated: verdict.unknown('Who', 'w'),
      time: '2026-02-02T00:00:00Z',
    },
  ])('$name', ({ stated, time }) => {
    expect(judged(stated)).toEqual([
      {
        type: 'Ready',
        status: stated.status,
        reason: stated.reason,
        message: stated.message,
        lastTransitionTime: time,
        observedGeneration: 2,
      },
    ]);
  });

  it('leaves out what is absent', () => {
    expect(judged(verdict.absent)).toEqual([]);
  });

  it('keeps a condition whole, its generation too, when nothing new is known', () => {
    expect(judged(verdict.unchanged)).toEqual([aCondition()]);
    expect(judged(verdict.unchanged, [])).toEqual([]);
  });

  it('carries nothing over that no verdict speaks of', () => {
    expect(judged(verdict.true('Fine'), [aCondition(), aCondition({ type: 'Stale' })]).map(({ type }) => type)).toEqual(
      ['Ready'],
    );
  });

  it('cuts a message to what the API server takes', () => {
    expect(judged(verdict.false('Long', 'x'.repeat(40_000)))[0]?.message).toHaveLength(32_768);
  });
});

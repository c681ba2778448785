import { describe, expect, it } from '@jest/globals';
import { concernsConsumers } from './consumer-relevance.js';

const valid = (observedGeneration: number, more: object = {}) => ({
  type: 'Valid',
  status: 'True',
  reason: 'ConfigValid',
  message: '',
  lastTransitionTime: '2026-01-01T00:00:00Z',
  observedGeneration,
  ...more,
});
const aConfig = (generation: number, status: object, metadata: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Config',
  metadata: { name: 'c', uid: '1', generation, ...metadata },
  status,
});
const judged = { conditions: [valid(1)], configHash: 'a' };

describe('a change of a config concerns its consumers', () => {
  const before = aConfig(1, judged);
  it.each([
    { what: 'it was edited and is not judged yet', now: aConfig(2, judged), is: false },
    {
      what: 'an edit was judged',
      before: aConfig(2, judged),
      now: aConfig(2, { ...judged, conditions: [valid(2)], configHash: 'b' }),
      is: true,
    },
    {
      what: 'an edit was judged and changed nothing',
      before: aConfig(2, judged),
      now: aConfig(2, { ...judged, conditions: [valid(2)] }),
      is: true,
    },
    {
      what: 'it turned invalid',
      now: aConfig(1, { ...judged, conditions: [valid(1, { status: 'False' })] }),
      is: true,
    },
    {
      what: 'the message of its verdict changed',
      now: aConfig(1, { ...judged, conditions: [valid(1, { message: 'new' })] }),
      is: true,
    },
    {
      what: 'further users came',
      now: aConfig(1, { ...judged, referenceCount: 2, referencingWorkloads: [{ kind: 'A', name: 'b' }] }),
      is: false,
    },
    {
      what: 'another condition than the one that judges it came',
      now: aConfig(1, { ...judged, conditions: [valid(1), { ...valid(1), type: 'Ready' }] }),
      is: false,
    },
    { what: 'its phase changed', now: aConfig(1, { ...judged, phase: 'Ready' }), is: false },
    { what: 'it was labelled', now: aConfig(1, judged, { labels: { a: 'b' } }), is: false },
    { what: 'its status was wiped', now: aConfig(1, {}), is: true },
    { what: 'its deletion began', now: aConfig(2, judged, { deletionTimestamp: '2026-01-01T00:00:00Z' }), is: true },
  ])('$what: $is', ({ before: was = before, now, is }) => {
    expect(concernsConsumers({ type: 'updated', old: was, object: now, isInitialList: false }, 'Valid')).toBe(is);
  });

  it('when it appears or goes', () => {
    expect(concernsConsumers({ type: 'added', object: before, isInitialList: false }, 'Valid')).toBe(true);
    expect(concernsConsumers({ type: 'deleted', object: before, isInitialList: false }, 'Valid')).toBe(true);
  });
});

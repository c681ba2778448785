import { describe, expect, it } from '@jest/globals';
import { escapeFieldName } from './field-names.js';

describe('escapeFieldName', () => {
  it.each([
    ['plain', 'plain'],
    ['a-b.c/d', 'a__dash__b__dot__c__slash__d'],
    ['a__b', 'a__underscores__b'],
    ['namespace', '__namespace__'],
    ['9x', undefined],
    ['a b', undefined],
    ['', undefined],
  ])('makes %p the identifier %p', (name, identifier) => {
    expect(escapeFieldName(name)).toBe(identifier);
  });
});

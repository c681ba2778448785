import { describe, expect, it } from '@jest/globals';
import type { DefinitionNames, DefinitionSpec } from './definition.js';
import { acceptNames } from './names.js';

const NONE: DefinitionNames = { plural: '', singular: '', kind: '', listKind: '', shortNames: [], categories: [] };

function named(plural: string, kind: string, shortNames: string[] = []): DefinitionNames {
  return { plural, singular: kind.toLowerCase(), kind, listKind: `${kind}List`, shortNames, categories: [] };
}

function wanting(names: DefinitionNames): DefinitionSpec {
  return {
    group: 'example.com',
    scope: 'Namespaced',
    preserveUnknownFields: false,
    names,
    versions: [],
    conversion: {},
  };
}

describe('acceptNames', () => {
  it('accepts names that nobody else in the group has', () => {
    const names = named('widgets', 'Widget', ['wd']);

    expect(acceptNames(wanting(names), NONE, [named('gadgets', 'Gadget')])).toEqual({
      acceptedNames: names,
      condition: { type: 'NamesAccepted', status: 'True', reason: 'NoConflicts', message: 'no conflicts found' },
    });
  });

  it.each([
    ['a plural that is a short name elsewhere', named('wd', 'Thing'), 'PluralConflict', '"wd" is already in use'],
    ['a short name', named('things', 'Thing', ['wd', 'th']), 'ShortNamesConflict', '"wd" is already in use'],
    [
      'a kind',
      { ...named('things', 'Widget'), singular: 'thing', listKind: 'ThingList' },
      'KindConflict',
      '"Widget" is already in use',
    ],
  ])('refuses %s', (_, names, reason, message) => {
    const { condition, acceptedNames } = acceptNames(wanting(names), NONE, [named('widgets', 'Widget', ['wd'])]);

    expect(condition).toMatchObject({ status: 'False', reason, message });
    expect(acceptedNames).not.toEqual(names);
  });

  it('lets a definition keep what it has', () => {
    const names = named('widgets', 'Widget', ['wd']);

    expect(acceptNames(wanting(names), names, [names]).condition.status).toBe('True');
  });
});

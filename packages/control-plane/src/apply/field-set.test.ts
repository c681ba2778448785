import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { FieldSet, FieldSetError } from './field-set.js';

const element = fc.constantFrom('f:a', 'f:b', 'f:c', 'k:{"name":"x"}', 'v:"s"', 'v:2', 'i:0');
const path = fc.array(element, { minLength: 1, maxLength: 4 });
const set = fc.array(path, { maxLength: 12 }).map((paths) => FieldSet.of(...paths));

describe('FieldSet', () => {
  it('reads and writes fieldsV1', () => {
    const fieldsV1 = {
      'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} } },
      'f:spec': { 'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:name': {} } }, 'f:set': { 'v:"x"': {} }, 'f:x': {} },
    };

    expect(FieldSet.fromFieldsV1(fieldsV1).toFieldsV1()).toEqual(fieldsV1);
  });

  it('writes the keys in canonical order', () => {
    const fields = FieldSet.of(['f:b'], ['v:2'], ['f:a'], ['k:{"name":"x"}'], ['v:"s"'], ['f:a', 'f:z']);

    expect(JSON.stringify(fields.toFieldsV1())).toBe(
      '{"f:a":{".":{},"f:z":{}},"f:b":{},"k:{\\"name\\":\\"x\\"}":{},"v:2":{},"v:\\"s\\"":{}}',
    );
  });

  it.each([[null], ['f:a'], [{ 'f:a': 5 }], [[]]])('refuses %j', (fieldsV1) => {
    expect(() => FieldSet.fromFieldsV1(fieldsV1)).toThrow(FieldSetError);
  });

  it('cannot hold the whole object', () => {
    const fields = FieldSet.of([]);

    expect(fields.isEmpty).toBe(true);
    expect(fields.has([])).toBe(false);
  });

  it('keeps what is below a field that is taken away, unless told otherwise', () => {
    const fields = FieldSet.of(['f:a'], ['f:a', 'f:b'], ['f:c']);

    expect([...fields.difference(FieldSet.of(['f:a'])).paths()]).toEqual([['f:c'], ['f:a', 'f:b']]);
    expect([...fields.without(FieldSet.of(['f:a'])).paths()]).toEqual([['f:c']]);
  });

  it('is what it was after writing and reading it', () => {
    fc.assert(fc.property(set, (a) => FieldSet.fromFieldsV1(a.toFieldsV1()).equals(a)));
  });

  it('lists each path once, and has exactly those', () => {
    fc.assert(
      fc.property(set, path, (a, other) => {
        const paths = [...a.paths()];
        expect(FieldSet.of(...paths).equals(a)).toBe(true);
        expect(new Set(paths.map(String)).size).toBe(paths.length);
        expect(a.has(other)).toBe(paths.some((each) => String(each) === String(other)));
      }),
    );
  });

  it('obeys the laws of sets', () => {
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        expect(a.union(b).equals(b.union(a))).toBe(true);
        expect(a.union(b.union(c)).equals(a.union(b).union(c))).toBe(true);
        expect(a.intersection(b).equals(b.intersection(a))).toBe(true);
        expect(a.union(a).equals(a)).toBe(true);
        expect(a.intersection(a).equals(a)).toBe(true);
        expect(a.difference(a).isEmpty).toBe(true);
        expect(a.difference(b).union(a.intersection(b)).equals(a)).toBe(true);
        expect(a.difference(b).intersection(b).isEmpty).toBe(true);
        expect(a.intersection(b.union(c)).equals(a.intersection(b).union(a.intersection(c)))).toBe(true);
        expect(a.difference(b.union(c)).equals(a.difference(b).difference(c))).toBe(true);
        expect(a.intersection(b).isSubsetOf(a)).toBe(true);
        expect(a.isSubsetOf(b)).toBe(a.difference(b).isEmpty);
        expect(a.without(b).isSubsetOf(a.difference(b))).toBe(true);
      }),
    );
  });
});

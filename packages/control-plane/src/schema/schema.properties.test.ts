import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileRules } from '../cel/rules.js';
import { applyDefaults, isDefaulted } from './default.js';
import { copyJson, equalJson } from '../json.js';
import { prune } from './prune.js';
import type { Schema } from './schema.js';
import { validateCustomObject } from './validate-custom-object.js';

const NAMES = ['a', 'b', '__proto__', 'constructor', 'toString', 'metadata', 'kind', 'apiVersion'];

/** Objects whose keys include those that JavaScript gives a meaning; parsed, since literals cannot have them. */
const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    fc.constantFrom<unknown>(null, true, 0, 1.5, -7, '', 'a', '1h', 'x'.repeat(12)),
    fc.array(tie('value'), { maxLength: 3 }),
    fc
      .array(fc.tuple(fc.constantFrom(...NAMES), tie('value')), { maxLength: 4 })
      .map(
        (entries) =>
          JSON.parse(`{${entries.map(([key, value]) => `"${key}":${JSON.stringify(value)}`).join(',')}}`) as unknown,
      ),
  ),
})).value;

function withRule(schema: Schema, rule: string): Schema {
  return { ...schema, 'x-kubernetes-validations': [{ rule }] };
}

/** Structural schemas over the same names, with defaults of the right type and rules that any value can break. */
const { schema: schemas } = fc.letrec<{ schema: Schema }>((tie) => ({
  schema: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.constantFrom<Schema>(
      withRule({ type: 'string', maxLength: 5, default: 'a' }, 'self != "a"'),
      { type: 'string', format: 'duration', nullable: true },
      withRule({ type: 'integer', minimum: 1, default: 3 }, 'self / (self - 3) > 0'),
      { type: 'boolean' },
      { 'x-kubernetes-int-or-string': true },
      { 'x-kubernetes-preserve-unknown-fields': true },
      { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
    ),
    tie('schema').map((items): Schema => ({ type: 'array', items, 'x-kubernetes-list-type': 'set' })),
    tie('schema').map((values): Schema => ({ type: 'object', additionalProperties: values })),
    fc
      .dictionary(fc.constantFrom(...NAMES), tie('schema'), { maxKeys: 4 })
      .map((properties): Schema => withRule({ type: 'object', properties, required: ['a'] }, 'self.size() < 3')),
  ),
}));

const roots = schemas.map((spec): Schema => ({ type: 'object', properties: { spec } }));
const objects = json.map((spec) => ({ apiVersion: 'g/v1', kind: 'K', metadata: { name: 'a' }, spec }));

describe('for any schema and any JSON', () => {
  it('what has its defaults is told from what has not', () => {
    fc.assert(
      fc.property(roots, objects, (schema, object) => {
        const defaulted = copyJson(object);
        applyDefaults(schema, defaulted);
        expect(isDefaulted(schema, object)).toBe(equalJson(defaulted, object));
      }),
    );
  });

  it('pruning a second time removes nothing', () => {
    fc.assert(
      fc.property(roots, objects, (schema, object) => {
        prune(schema, object, { isRoot: true });
        const once = copyJson(object);

        expect(prune(schema, object, { isRoot: true })).toEqual([]);
        expect(equalJson(object, once)).toBe(true);
      }),
    );
  });

  it('defaulting a second time changes nothing', () => {
    fc.assert(
      fc.property(roots, objects, (schema, object) => {
        prune(schema, object, { isRoot: true });
        applyDefaults(schema, object);
        const once = copyJson(object);
        applyDefaults(schema, object);

        expect(equalJson(object, once)).toBe(true);
      }),
    );
  });

  it('validation answers with errors and never throws', () => {
    fc.assert(
      fc.property(roots, objects, objects, (schema, object, old) => {
        fc.pre(compiles(schema));
        const { errors } = validateCustomObject(schema, compileRules(schema), object, { old });

        expect(errors.every(({ field, detail }) => field !== '' && detail !== '')).toBe(true);
      }),
    );
  });

  it('no key reaches the prototypes of JavaScript', () => {
    fc.assert(
      fc.property(roots, objects, (schema, object) => {
        const before = Object.getOwnPropertyNames(Object.prototype).length;
        prune(schema, object, { isRoot: true });
        applyDefaults(schema, object);
        if (compiles(schema)) {
          validateCustomObject(schema, compileRules(schema), object, {});
        }

        expect(Object.getOwnPropertyNames(Object.prototype)).toHaveLength(before);
        expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
      }),
    );
  });
});

/** Rules on what CEL cannot see, such as preserved fields, are refused with the definition. */
function compiles(schema: Schema): boolean {
  try {
    compileRules(schema);
    return true;
  } catch {
    return false;
  }
}

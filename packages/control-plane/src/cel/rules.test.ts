import { describe, expect, it } from '@jest/globals';
import type { Schema, ValidationRule } from '../schema/schema.js';
import { compileRules, RuleCompileError } from './rules.js';

function rooted(spec: Schema): Schema {
  return { type: 'object', properties: { spec } };
}

function withRules(schema: Schema, ...rules: ValidationRule[]): Schema {
  return { ...schema, 'x-kubernetes-validations': rules };
}

function evaluate(spec: Schema, value: unknown, old?: unknown): { errors: string[]; warnings: string[] } {
  const { errors, warnings } = compileRules(rooted(spec)).evaluate(
    { spec: value },
    old === undefined ? { ratchet: false } : { old: { spec: old }, ratchet: true },
  );
  return { errors: errors.map(({ field, detail }) => `${field}: ${detail}`), warnings };
}

const integer: Schema = { type: 'integer' };
const text: Schema = { type: 'string' };

describe('compileRules', () => {
  it('reports each value at its own path', () => {
    const spec: Schema = {
      type: 'object',
      properties: {
        l: {
          type: 'array',
          items: { type: 'object', properties: { n: withRules(integer, { rule: 'self < 3', message: 'n too big' }) } },
        },
        m: { type: 'object', additionalProperties: withRules(text, { rule: 'self != "bad"' }) },
      },
    };

    expect(evaluate(spec, { l: [{ n: 1 }, { n: 5 }], m: { 'x.y': 'bad' } }).errors).toEqual([
      'spec.l[1].n: Invalid value: "integer": n too big',
      'spec.m[x.y]: Invalid value: "string": failed rule: self != "bad"',
    ]);
  });

  it.each<[string, ValidationRule, string]>([
    ['its message', { rule: 'self.a < 10', message: 'too big' }, 'spec: Invalid value: "object": too big'],
    [
      'its messageExpression',
      { rule: 'self.a < 10', messageExpression: '"a is " + string(self.a)' },
      'spec: Invalid value: "object": a is 11',
    ],
    [
      'its message, where the messageExpression fails',
      { rule: 'self.a < 10', message: 'm', messageExpression: '"" + self.b' },
      'spec: Invalid value: "object": m',
    ],
    [
      'its message, where the messageExpression has lines',
      { rule: 'self.a < 10', message: 'm', messageExpression: '"a\\nb"' },
      'spec: Invalid value: "object": m',
    ],
    [
      'its field',
      { rule: 'self.a < 10', fieldPath: '.a' },
      'spec.a: Invalid value: "object": failed rule: self.a < 10',
    ],
    ['its reason', { rule: 'self.a < 10', message: 'm', reason: 'FieldValueForbidden' }, 'spec: Forbidden: m'],
    [
      'its reason, losing the message',
      { rule: 'self.a < 10', message: 'm', reason: 'FieldValueDuplicate' },
      'spec: Duplicate value: "object"',
    ],
    [
      'what went wrong in it',
      { rule: 'self.b == ""', message: 'm' },
      'spec: Invalid value: "object": no such key: b evaluating rule: m',
    ],
  ])('reports a rule with %s', (_, rule, error) => {
    const spec = withRules({ type: 'object', properties: { a: integer, b: text } }, rule);

    expect(evaluate(spec, { a: 11 }).errors).toEqual([error]);
  });

  it('sees apiVersion, kind and the name at the root, and no other metadata', () => {
    const schema = withRules(
      { type: 'object' },
      { rule: 'self.metadata.name == "a" && self.kind == "K" && self.apiVersion == "v1"' },
    );

    const { errors } = compileRules(schema).evaluate(
      { apiVersion: 'v1', kind: 'K', metadata: { name: 'b' } },
      { ratchet: false },
    );

    expect(errors.map(({ field }) => field)).toEqual(['<nil>']);
    expect(() => compileRules(withRules({ type: 'object' }, { rule: 'has(self.metadata.labels)' }))).toThrow(
      RuleCompileError,
    );
  });

  it('says which rules do not compile', () => {
    const spec = withRules(
      { type: 'object', properties: { a: withRules(text, { rule: 'self > 1' }) } },
      { rule: 'true' },
      { rule: '1' },
    );

    expect(() => compileRules(rooted(spec))).toThrow(
      expect.objectContaining({
        problems: [
          { path: 'spec', index: 1, message: 'cel expression must evaluate to a bool' },
          { path: 'spec.a', index: 0, message: expect.stringContaining('compilation failed: ERROR: <input>:1:1') },
        ],
      }),
    );
  });

  describe('with oldSelf', () => {
    const immutable: ValidationRule = { rule: 'self == oldSelf', message: 'immutable' };

    it('runs only where there is an old value', () => {
      const spec: Schema = { type: 'object', properties: { x: withRules(text, immutable) } };

      expect(evaluate(spec, { x: '1' }).errors).toEqual([]);
      expect(evaluate(spec, { x: '1' }, {}).errors).toEqual([]);
      expect(evaluate(spec, { x: '2' }, { x: '1' }).errors).toEqual(['spec.x: Invalid value: "string": immutable']);
    });

    it('runs always when oldSelf is optional', () => {
      const rule = { rule: 'oldSelf.hasValue() || self == "new"', optionalOldSelf: true };
      const spec: Schema = { type: 'object', properties: { x: withRules(text, rule) } };

      expect(evaluate(spec, { x: '1' }).errors).toHaveLength(1);
      expect(evaluate(spec, { x: 'new' }).errors).toEqual([]);
      expect(evaluate(spec, { x: '2' }, { x: '1' }).errors).toEqual([]);
    });

    it('finds old items of a list of type map by their keys, and none in other lists', () => {
      const items: Schema = { type: 'object', properties: { k: text, v: withRules(integer, immutable) } };
      const map: Schema = {
        type: 'array',
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['k'],
        items,
      };
      const old = [
        { k: 'a', v: 1 },
        { k: 'b', v: 2 },
      ];
      const changed = [
        { k: 'b', v: 3 },
        { k: 'a', v: 1 },
      ];

      expect(evaluate(map, changed, old).errors).toEqual(['spec[0].v: Invalid value: "integer": immutable']);
      expect(evaluate({ type: 'array', items }, changed, old).errors).toEqual([]);
    });
  });

  it('turns errors about what did not change into warnings, except those of transitions', () => {
    const spec = withRules(
      { type: 'object', properties: { x: withRules(text, { rule: 'self == "good"', message: 'bad x' }), y: text } },
      { rule: 'self.x == oldSelf.x + "!"', message: 'bad step' },
    );

    expect(evaluate(spec, { x: 'bad', y: '2' }, { x: 'bad', y: '1' })).toEqual({
      errors: ['spec: Invalid value: "object": bad step'],
      warnings: ['spec.x: Invalid value: "string": bad x'],
    });
  });

  it('skips rules of nulls', () => {
    expect(
      evaluate(
        { type: 'object', properties: { x: withRules({ ...text, nullable: true }, { rule: 'false' }) } },
        { x: null },
      ).errors,
    ).toEqual([]);
  });

  it('stops when the rules of an object cost too much together', () => {
    const expensive = 'self.all(a, self.all(b, a + b >= 0))';
    const spec = withRules(
      { type: 'array', items: integer },
      ...Array.from({ length: 30 }, () => ({ rule: expensive })),
    );
    const list = Array.from({ length: 300 }, (_, position) => position);

    expect(evaluate(spec, list).errors).toEqual([
      'spec: Invalid value: "array": validation failed due to running out of cost budget, no further validation rules will be run',
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineKind } from './define-kind.js';
import type { KindDefinition } from './kind.js';
import { entryCount, listMap, listSet, pattern, rule } from './schema-annotations.js';
import { firstSpecProblem, mistypedField, validateSpec } from './validate-spec.js';

const definition = {
  group: 'example.dev',
  kind: 'Greeting',
  versions: { v1: {} },
  spec: z.object({}),
} satisfies KindDefinition;

const problemsOf = (spec: z.ZodType, value: unknown) => validateSpec(defineKind({ ...definition, spec }), value);

describe('validateSpec', () => {
  it('finds nothing wrong with a valid spec', () => {
    expect(problemsOf(z.object({ list: z.array(z.string()) }), { list: ['a'] })).toEqual([]);
  });

  it('names fields as the API server does', () => {
    const spec = z.object({
      list: z.array(z.object({ name: z.string() })),
      labels: z.record(z.string(), z.string()),
    });
    const problems = problemsOf(spec, { list: [{ name: 'a' }, {}], labels: { plain: 1, 'example.dev/name': 2 } });
    expect(problems.map((problem) => problem.path)).toEqual([
      'spec.list[1].name',
      'spec.labels.plain',
      'spec.labels[example.dev/name]',
    ]);
    expect(problems[0]?.message).toContain('expected string');
  });

  it('takes an absent spec for an empty one, unless the kind requires one', () => {
    const kind = defineKind({ ...definition, spec: z.object({ name: z.string().optional() }) });
    expect(validateSpec(kind, undefined)).toEqual([]);
    expect(validateSpec(defineKind({ ...kind.definition, specRequired: true }), undefined)).toMatchObject([
      { path: 'spec' },
    ]);
  });

  it('judges what annotations say about values', () => {
    const spec = z.object({
      map: listMap(z.array(z.object({ kind: z.string(), name: z.string() })), ['kind', 'name']),
      set: listSet(z.array(z.string())),
      text: pattern(z.string(), '^[[:alpha:]]+$'),
      entries: entryCount(z.record(z.string(), z.string()), { min: 1, max: 2 }),
    });
    const good = {
      map: [
        { kind: 'A', name: 'x' },
        { kind: 'B', name: 'x' },
      ],
      set: ['a', 'b'],
      text: 'abc',
      entries: { a: '' },
    };
    expect(problemsOf(spec, good)).toEqual([]);
    const bad = { map: [good.map[0], good.map[0]], set: ['a', 'a'], text: 'a1', entries: {} };
    expect(problemsOf(spec, bad)).toEqual([
      { path: 'spec.map', message: 'must not hold two items with the same kind and name' },
      { path: 'spec.set', message: 'must not hold the same item twice' },
      { path: 'spec.text', message: 'must match ^[[:alpha:]]+$' },
      { path: 'spec.entries', message: 'must have at least 1 entries' },
    ]);
  });

  it('leaves rules to the API server and judges the refinement beside them', () => {
    const even = rule(
      z.int().refine((value) => value % 2 === 0, 'must be even'),
      { rule: 'self % 2 == 0' },
    );
    expect(problemsOf(z.object({ n: even }), { n: 3 })).toEqual([{ path: 'spec.n', message: 'must be even' }]);
    expect(problemsOf(z.object({ n: rule(z.int(), { rule: 'false' }) }), { n: 3 })).toEqual([]);
  });

  it('does not repeat values, which may be secret', () => {
    const spec = z.object({ token: z.string().regex(/^x$/), kind: z.enum(['a']), size: z.string().max(3) });
    const problems = problemsOf(spec, { token: 's3cret', kind: 's3cret', size: 's3cret' });
    expect(problems).toHaveLength(3);
    expect(JSON.stringify(problems)).not.toContain('s3cret');
  });
});

describe('firstSpecProblem', () => {
  const spec = z.object({ name: z.string().min(2), mode: z.enum(['a', 'b']).optional(), list: z.array(z.int()) });
  const kind = defineKind({ ...definition, spec });
  const problemOf = (value: unknown) =>
    firstSpecProblem(kind, value as z.input<typeof spec>, ({ name, list }) =>
      list.length > name.length ? 'list is longer than name' : undefined,
    );

  it.each([
    ['nothing', { name: 'ab', list: [1] }, undefined],
    ['what is missing, before the check is asked', { list: [1, 2] }, 'spec.name: '],
    ['what has another type, before the check is asked', { name: 'ab', list: null }, 'spec.list: '],
    ['what the check says, before what else the schema says', { name: '', list: [1] }, 'list is longer than name'],
    ['what the schema says of a value', { name: 'ab', mode: 'c', list: [] }, 'spec.mode: '],
  ])('finds %s', (_, value, start) => {
    expect(problemOf(value)?.slice(0, start?.length)).toBe(start);
  });
});

describe('mistypedField', () => {
  const spec = z.object({
    name: z.string().min(3),
    list: z.array(z.object({ port: z.int() })).optional(),
    labels: z.record(z.string(), z.string()).optional(),
    mode: z.enum(['on', 'off']).optional(),
  });
  const kind = defineKind({ ...definition, spec });

  it.each([
    ['a list where a text belongs', { name: [] }, 'spec.name'],
    ['nothing at all, said out loud', { name: null }, 'spec.name'],
    ['a text deep within', { list: [{ port: 1 }, { port: '80' }] }, 'spec.list[1].port'],
    ['a number among texts', { labels: { a: 1 } }, 'spec.labels.a'],
    ['a number where one of some texts belongs', { mode: 1 }, 'spec.mode'],
  ])('finds %s', (_, value, path) => {
    expect(mistypedField(kind, value)?.slice(0, path.length + 2)).toBe(`${path}: `);
  });

  it.each([[undefined], [{}], [{ list: [{}] }], [{ name: 'x' }], [{ mode: 'sometimes' }]])(
    'has nothing to say about what is missing or merely wrong: %j',
    (value) => {
      expect(mistypedField(kind, value)).toBeUndefined();
    },
  );
});

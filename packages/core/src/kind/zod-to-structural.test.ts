import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { SchemaError } from './kind-errors.js';
import {
  atomic,
  embeddedResource,
  entryCount,
  int32,
  int64,
  intOrString,
  listMap,
  listSet,
  pattern,
  rawObject,
  required,
  rule,
} from './schema-annotations.js';
import { structuralSchema } from './zod-to-structural.js';

const convert = (schema: z.ZodType) => structuralSchema(schema, 'Test', 'spec');

describe('structuralSchema', () => {
  it.each<{ name: string; schema: z.ZodType; expected: unknown }>([
    {
      name: 'string bounds',
      schema: z.string().min(1).max(5),
      expected: { type: 'string', minLength: 1, maxLength: 5 },
    },
    { name: 'exact lengths', schema: z.string().length(3), expected: { type: 'string', minLength: 3, maxLength: 3 } },
    {
      name: 'the tighter of two bounds',
      schema: z.string().min(1).min(3).min(2),
      expected: { type: 'string', minLength: 3 },
    },
    { name: 'patterns', schema: z.string().regex(/^a\/b$/i), expected: { type: 'string', pattern: '(?i)^a/b$' } },
    {
      name: 'several patterns',
      schema: z.string().startsWith('a.').includes('*').endsWith('z'),
      expected: { type: 'string', pattern: '^a\\.', allOf: [{ pattern: '\\*' }, { pattern: 'z$' }] },
    },
    {
      name: 'patterns in RE2',
      schema: pattern(z.string(), '^[[:space:]]$'),
      expected: { type: 'string', pattern: '^[[:space:]]$' },
    },
    { name: 'formats', schema: z.iso.datetime(), expected: { type: 'string', format: 'date-time' } },
    { name: 'formats by method', schema: z.string().email(), expected: { type: 'string', format: 'email' } },
    { name: 'URLs', schema: z.url(), expected: { type: 'string', format: 'uri' } },
    {
      name: 'formats without a counterpart, as their pattern',
      schema: z.ulid(),
      expected: { type: 'string', pattern: expect.any(String) },
    },
    {
      name: 'templates',
      schema: z.templateLiteral(['v', z.int()]),
      expected: { type: 'string', pattern: expect.stringMatching(/^\^v/) },
    },
    {
      name: 'numbers',
      schema: z.number().min(0.5).lt(2),
      expected: { type: 'number', minimum: 0.5, maximum: 2, exclusiveMaximum: true },
    },
    { name: 'integers without the bounds of JavaScript', schema: z.int(), expected: { type: 'integer' } },
    { name: 'integers of 32 bits', schema: int32().min(1), expected: { type: 'integer', format: 'int32', minimum: 1 } },
    {
      name: 'integers of 64 bits',
      schema: int64().positive(),
      expected: { type: 'integer', format: 'int64', minimum: 0, exclusiveMinimum: true },
    },
    {
      name: 'the tighter of bounds that include their end or not',
      schema: z.int().min(1).gt(1).lte(5).lt(5).max(9),
      expected: { type: 'integer', minimum: 1, exclusiveMinimum: true, maximum: 5, exclusiveMaximum: true },
    },
    { name: 'multiples', schema: z.int().multipleOf(5), expected: { type: 'integer', multipleOf: 5 } },
    { name: 'booleans', schema: z.boolean(), expected: { type: 'boolean' } },
    { name: 'enums', schema: z.enum(['a', 'b']), expected: { type: 'string', enum: ['a', 'b'] } },
    { name: 'literals', schema: z.literal([1, 2]), expected: { type: 'integer', enum: [1, 2] } },
    {
      name: 'unions of fixed values',
      schema: z.union([z.literal('a'), z.enum(['b', 'a'])]),
      expected: { type: 'string', enum: ['a', 'b'] },
    },
    { name: 'anything', schema: z.unknown(), expected: { 'x-kubernetes-preserve-unknown-fields': true } },
    {
      name: 'raw objects',
      schema: rawObject(),
      expected: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    },
    { name: 'integers or strings', schema: intOrString(), expected: { 'x-kubernetes-int-or-string': true } },
    {
      name: 'bounds of integers or strings side by side',
      schema: z.union([z.int().min(0), z.string().regex(/^\d+%$/)]),
      expected: { 'x-kubernetes-int-or-string': true, minimum: 0, pattern: '^\\d+%$' },
    },
    {
      name: 'whole Kubernetes objects',
      schema: embeddedResource(),
      expected: {
        type: 'object',
        'x-kubernetes-embedded-resource': true,
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
    {
      name: 'lists',
      schema: z.array(z.string()).min(1).max(9),
      expected: { type: 'array', items: { type: 'string' }, minItems: 1, maxItems: 9 },
    },
    {
      name: 'sets',
      schema: listSet(z.array(z.string())),
      expected: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
    },
    {
      name: 'lists by key',
      schema: listMap(z.array(z.object({ name: z.string() })), ['name']).optional(),
      expected: {
        type: 'array',
        items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      },
    },
    {
      name: 'atomic lists',
      schema: atomic(z.array(z.int()).optional()),
      expected: { type: 'array', items: { type: 'integer' }, 'x-kubernetes-list-type': 'atomic' },
    },
    {
      name: 'atomic objects',
      schema: atomic(z.object({})),
      expected: { type: 'object', 'x-kubernetes-map-type': 'atomic' },
    },
    {
      name: 'maps',
      schema: z.record(z.string(), z.int()),
      expected: { type: 'object', additionalProperties: { type: 'integer' } },
    },
    {
      name: 'the number of entries of a map',
      schema: entryCount(z.record(z.string(), z.string()), { min: 1, max: 3 }),
      expected: { type: 'object', additionalProperties: { type: 'string' }, minProperties: 1, maxProperties: 3 },
    },
    {
      name: 'the keys of a map, in CEL',
      schema: z.record(
        z
          .string()
          .regex(/^it's\d$/)
          .max(9),
        z.string(),
      ),
      expected: {
        type: 'object',
        additionalProperties: { type: 'string' },
        'x-kubernetes-validations': [
          { rule: 'self.all(k, size(k) <= 9)', message: 'keys must have at most 9 characters' },
          { rule: "self.all(k, k.matches('^it\\'s\\\\d$'))", message: "keys must match ^it's\\d$" },
        ],
      },
    },
    {
      name: 'maps with fixed keys, as fields',
      schema: z.record(z.enum(['a', 'b']), z.int()),
      expected: {
        type: 'object',
        properties: { a: { type: 'integer' }, b: { type: 'integer' } },
        required: ['a', 'b'],
      },
    },
    {
      name: 'maps with some of fixed keys',
      schema: z.partialRecord(z.enum(['a']), z.int()),
      expected: { type: 'object', properties: { a: { type: 'integer' } } },
    },
    {
      name: 'which fields are required',
      schema: z.strictObject({
        plain: z.string(),
        unknown: z.unknown(),
        optional: z.string().optional(),
        defaulted: z.string().default('x'),
        both: required(z.string().default('x')).describe('B.'),
        nullable: z.string().nullable(),
        nullish: z.string().nullish(),
        again: z.string().optional().nonoptional(),
      }),
      expected: {
        type: 'object',
        properties: {
          plain: { type: 'string' },
          unknown: { 'x-kubernetes-preserve-unknown-fields': true },
          optional: { type: 'string' },
          defaulted: { type: 'string', default: 'x' },
          both: { type: 'string', default: 'x', description: 'B.' },
          nullable: { type: 'string', nullable: true },
          nullish: { type: 'string', nullable: true },
          again: { type: 'string' },
        },
        required: ['plain', 'unknown', 'both', 'nullable', 'again'],
      },
    },
    {
      name: 'open objects',
      schema: z.looseObject({ a: z.int().optional() }),
      expected: {
        type: 'object',
        properties: { a: { type: 'integer' } },
        'x-kubernetes-preserve-unknown-fields': true,
      },
    },
    {
      name: 'defaults of objects',
      schema: z.object({ a: z.int() }).default({ a: 1 }),
      expected: expect.objectContaining({ default: { a: 1 } }),
    },
    {
      name: 'intersections, as one object',
      schema: z.intersection(z.object({ a: z.int() }), z.object({ b: z.int(), a: z.int() })),
      expected: {
        type: 'object',
        properties: { a: { type: 'integer' }, b: { type: 'integer' } },
        required: ['a', 'b'],
      },
    },
    {
      name: 'descriptions, the outermost',
      schema: z.string().describe('in').optional().describe('out'),
      expected: { type: 'string', description: 'out' },
    },
    {
      name: 'maps by template',
      schema: z.record(z.templateLiteral(['x-', z.string()]), z.int()),
      expected: expect.objectContaining({
        'x-kubernetes-validations': [expect.objectContaining({ rule: expect.stringContaining("k.matches('^x-") })],
      }),
    },
    {
      name: 'read-only views, as what they hold',
      schema: z.array(z.int()).readonly(),
      expected: { type: 'array', items: { type: 'integer' } },
    },
  ])('says $name', ({ schema, expected }) => {
    expect(convert(schema)).toEqual(expected);
  });

  it('keeps rules in their order, through wrappers and later checks', () => {
    const rules = ['self.size() > 0', "self != 'x'", "self != 'y'"].map((text) => ({ rule: text, message: 'no' }));
    const schema = rule(
      rule(z.string(), ...rules.slice(0, 2))
        .min(1)
        .optional(),
      ...rules.slice(2),
    ).describe('D.');
    expect(convert(schema)).toMatchObject({ minLength: 1, 'x-kubernetes-validations': rules });
  });

  it('does not let a rule reach the schema it was derived from', () => {
    const name = z.string();
    rule(name, { rule: 'self.size() > 0' });
    expect(convert(name)).toEqual({ type: 'string' });
  });

  it('accepts a refinement that a rule of the same meaning follows', () => {
    const even = z.int().refine((value) => value % 2 === 0);
    expect(convert(rule(even, { rule: 'self % 2 == 0' }))).toMatchObject({
      'x-kubernetes-validations': [{ rule: 'self % 2 == 0' }],
    });
  });

  it('says a discriminated union as one object with rules for each variant', () => {
    const union = z.discriminatedUnion('type', [
      z.object({ type: z.literal('file'), path: z.string(), mode: z.int().optional(), name: z.string() }),
      rule(z.object({ type: z.enum(['http', 'https']), 'base-url': z.string(), name: z.string() }), {
        rule: "self.name != 'x'",
        message: 'no x',
      }),
      z.object({ type: z.literal('none'), name: z.string() }),
    ]);
    expect(convert(union)).toEqual({
      type: 'object',
      properties: {
        type: { type: 'string', enum: ['file', 'http', 'https', 'none'] },
        path: { type: 'string' },
        mode: { type: 'integer' },
        name: { type: 'string' },
        'base-url': { type: 'string' },
      },
      required: ['type', 'name'],
      'x-kubernetes-validations': [
        { rule: "self.type != 'file' || has(self.path)", message: "path is required when type is 'file'" },
        {
          rule: "self.type != 'file' || !has(self.base__dash__url)",
          message: "base-url must not be set when type is 'file'",
        },
        {
          rule: "self.type != 'http' && self.type != 'https' || has(self.base__dash__url)",
          message: "base-url is required when type is 'http' or 'https'",
        },
        {
          rule: "self.type != 'http' && self.type != 'https' || !has(self.path)",
          message: "path must not be set when type is 'http' or 'https'",
        },
        {
          rule: "self.type != 'http' && self.type != 'https' || !has(self.mode)",
          message: "mode must not be set when type is 'http' or 'https'",
        },
        { rule: "self.type != 'http' && self.type != 'https' || (self.name != 'x')", message: 'no x' },
        { rule: "self.type != 'none' || !has(self.path)", message: "path must not be set when type is 'none'" },
        { rule: "self.type != 'none' || !has(self.mode)", message: "mode must not be set when type is 'none'" },
        {
          rule: "self.type != 'none' || !has(self.base__dash__url)",
          message: "base-url must not be set when type is 'none'",
        },
      ],
    });
  });

  const Recursive: z.ZodType = z.lazy(() => z.object({ child: Recursive.optional() }));
  let calls = 0;

  it.each<{ name: string; schema: z.ZodType; problem: string }>([
    { name: 'z.set()', schema: z.set(z.string()), problem: 'z.set() is not JSON; use listSet(z.array(…))' },
    { name: 'z.map()', schema: z.map(z.string(), z.int()), problem: 'z.map() is not JSON; use z.record' },
    { name: 'z.date()', schema: z.date(), problem: 'z.date() is not JSON; use z.iso.datetime()' },
    { name: 'z.bigint()', schema: z.int64(), problem: 'z.bigint() is not JSON; use int64()' },
    { name: 'z.tuple()', schema: z.tuple([z.string()]), problem: 'z.tuple() cannot be said' },
    { name: 'z.null()', schema: z.null(), problem: 'z.null() holds nothing' },
    { name: 'z.never()', schema: z.never(), problem: 'z.never() cannot be said' },
    { name: 'z.symbol()', schema: z.symbol(), problem: 'z.symbol() cannot be said' },
    { name: 'z.nan()', schema: z.nan(), problem: 'z.nan() cannot be said' },
    { name: 'z.undefined()', schema: z.undefined(), problem: 'z.undefined() is not JSON' },
    { name: 'z.custom()', schema: z.custom<string>(() => true), problem: 'z.custom() runs only here' },
    { name: 'z.instanceof()', schema: z.instanceof(Date), problem: 'z.custom() runs only here' },
    { name: 'transform()', schema: z.string().transform(Number), problem: 'changes the value' },
    { name: 'preprocess()', schema: z.preprocess(String, z.string()), problem: 'changes the value' },
    { name: 'a codec', schema: z.stringbool(), problem: 'changes the value' },
    { name: 'coercion', schema: z.coerce.number(), problem: 'z.coerce changes values' },
    { name: 'trim()', schema: z.string().trim(), problem: 'trim()' },
    { name: 'catch()', schema: z.string().catch('x'), problem: 'z.catch() hides invalid values' },
    { name: 'refine()', schema: z.string().refine(() => true), problem: 'let a rule(…) of the same meaning follow it' },
    {
      name: 'superRefine()',
      schema: z.string().superRefine(() => undefined),
      problem: 'let a rule(…) of the same meaning follow it',
    },
    {
      name: 'two refinements with one rule',
      schema: rule(
        z
          .string()
          .refine(() => true)
          .refine(() => true),
        { rule: 'true' },
      ),
      problem: 'let a rule(…)',
    },
    {
      name: 'fractions as factors',
      schema: z.number().multipleOf(0.5),
      problem: 'multipleOf must be a positive integer',
    },
    { name: 'host names', schema: z.hostname(), problem: 'lookaround' },
    { name: 'lookahead', schema: z.string().regex(/^(?=a)/), problem: 'lookaround' },
    { name: 'ISO durations', schema: z.iso.duration(), problem: 'Go durations' },
    { name: 'checksums', schema: z.jwt(), problem: 'string format jwt has no counterpart' },
    {
      name: 'formats by code',
      schema: z.stringFormat('odd', (text) => text.length % 2 === 1),
      problem: 'string format odd',
    },
    { name: 'options of URLs', schema: z.url({ protocol: /^https$/ }), problem: 'options of z.url()' },
    { name: 'two formats at once', schema: z.string().email().url(), problem: 'formats email and uri at once' },
    { name: 'mixed enums', schema: z.literal(['a', 1]), problem: 'values of different types' },
    { name: 'mixed unions', schema: z.union([z.string(), z.boolean()]), problem: 'a union cannot be said' },
    {
      name: 'rules in a part of a union',
      schema: z.union([z.int(), rule(z.string(), { rule: 'true' })]),
      problem: 'a union cannot be said',
    },
    {
      name: 'rules of some fixed values only',
      schema: z.union([z.literal('a'), rule(z.literal('b'), { rule: 'true' })]),
      problem: 'a union cannot be said',
    },
    {
      name: 'unions of objects',
      schema: z.union([z.object({ a: z.int() }), z.object({ b: z.int() })]),
      problem: 'z.discriminatedUnion()',
    },
    { name: 'null among fixed values', schema: z.enum(['a']).nullable(), problem: 'cannot be null in a CRD' },
    { name: 'recursion', schema: Recursive, problem: 'cannot be recursive' },
    { name: 'JSON without end', schema: z.json(), problem: 'cannot be recursive' },
    {
      name: 'named fields beside a map',
      schema: z.object({ a: z.int() }).catchall(z.string()),
      problem: 'either named fields or a map',
    },
    { name: 'loose maps', schema: z.looseRecord(z.string().regex(/^x/), z.int()), problem: 'z.looseRecord()' },
    { name: 'maps by number', schema: z.record(z.number(), z.int()), problem: 'keys of a map are strings' },
    { name: 'formats of keys', schema: z.record(z.email(), z.int()), problem: 'formats and rules of keys' },
    { name: 'optional items', schema: z.array(z.string().optional()), problem: 'an item of a list is always there' },
    {
      name: 'a default that does not fit',
      schema: z.string().max(1).default('xx'),
      problem: 'the default is not valid',
    },
    { name: 'a default that changes', schema: z.int().default(() => ++calls), problem: 'another each time' },
    { name: 'a default that is not JSON', schema: z.number().default(Infinity), problem: 'the default is not JSON' },
    {
      name: 'required() on an optional field',
      schema: z.object({ a: required(z.string().optional()) }),
      problem: 'required() is for fields with a default',
    },
    { name: 'listMap() of strings', schema: listMap(z.array(z.string()), ['name']), problem: 'need a field name' },
    {
      name: 'an optional key',
      schema: listMap(z.array(z.object({ name: z.string().optional() })), ['name']),
      problem: 'must not be optional',
    },
    { name: 'listSet() of objects', schema: listSet(z.array(z.object({}))), problem: 'listSet() must be strings' },
    { name: 'listSet() of no list', schema: listSet(z.string()), problem: 'only lists have items' },
    {
      name: 'entryCount() of a list',
      schema: entryCount(z.array(z.string()), { max: 1 }),
      problem: 'entryCount() is for maps',
    },
    { name: 'an empty rule', schema: rule(z.string(), { rule: ' ' }), problem: 'a rule needs an expression' },
    {
      name: 'a message over two lines',
      schema: rule(z.string(), { rule: 'true', message: 'a\nb' }),
      problem: 'must be one line',
    },
    {
      name: 'a long rule without a message',
      schema: rule(z.string(), { rule: 'true\n&& true' }),
      problem: 'needs a message',
    },
    {
      name: 'variants that disagree on a field',
      schema: z.discriminatedUnion('t', [
        z.object({ t: z.literal('a'), x: z.int() }),
        z.object({ t: z.literal('b'), x: z.string() }),
      ]),
      problem: 'the field x is described in two different ways',
    },
    {
      name: 'a default in one variant only',
      schema: z.discriminatedUnion('t', [
        z.object({ t: z.literal('a'), x: z.int().default(1) }),
        z.object({ t: z.literal('b') }),
      ]),
      problem: 'default of x in every variant',
    },
    {
      name: 'variants with a field that no rule can name',
      schema: z.discriminatedUnion('t', [
        z.object({ t: z.literal('a'), 'x y': z.int() }),
        z.object({ t: z.literal('b') }),
      ]),
      problem: "the name of the field 'x y'",
    },
    {
      name: 'variants by number',
      schema: z.discriminatedUnion('t', [z.object({ t: z.literal(1) }), z.object({ t: z.literal(2) })]),
      problem: "t: z.literal('…')",
    },
  ])('refuses $name', ({ schema, problem }) => {
    const attempt = () => convert(z.object({ list: z.array(z.object({ field: schema })) }));
    expect(attempt).toThrow(SchemaError);
    expect(attempt).toThrow(
      expect.objectContaining({
        code: 'ERR_SCHEMA_INVALID',
        kind: 'Test',
        path: expect.stringMatching(/^spec\.list\[\]\.field/),
        message: expect.stringContaining(problem),
      }),
    );
  });
});

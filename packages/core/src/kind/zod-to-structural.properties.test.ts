import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { z } from 'zod';
import { SchemaError } from './kind-errors.js';
import { entryCount, int32, int64, intOrString, listMap, listSet, rawObject, rule } from './schema-annotations.js';
import type { StructuralSchema } from './structural-schema.js';
import { structuralSchema } from './zod-to-structural.js';

const { anySchema } = fc.letrec<{ anySchema: z.ZodType }>((tie) => ({
  anySchema: fc.oneof(
    { maxDepth: 4 },
    leaf(),
    tie('anySchema').map((schema) => schema.optional()),
    tie('anySchema').map((schema) => schema.nullable()),
    tie('anySchema').map((schema) => schema.describe('Text.')),
    tie('anySchema').map((schema) => rule(schema, { rule: 'true', message: 'no' })),
    tie('anySchema').map((schema) => z.array(schema).max(3)),
    tie('anySchema').map((schema) => entryCount(z.record(z.string(), schema), { max: 3 })),
    tie('anySchema').map((schema) => z.record(z.enum(['a', 'b']), schema)),
    tie('anySchema').map((schema) => listMap(z.array(z.object({ name: z.string(), value: schema })), ['name'])),
    fc.dictionary(fc.constantFrom('a', 'b', 'in', 'x-y'), tie('anySchema')).map((shape) => z.object(shape)),
    fc
      .tuple(tie('anySchema'), tie('anySchema'))
      .map(([a, b]) =>
        z.discriminatedUnion('type', [
          z.object({ type: z.literal('a'), a }),
          z.object({ type: z.literal('b'), b, c: a }),
        ]),
      ),
    fc.tuple(tie('anySchema'), tie('anySchema')).map(([a, b]) => z.union([a, b])),
  ),
}));

function leaf(): fc.Arbitrary<z.ZodType> {
  return fc.constantFrom<z.ZodType>(
    z.string().min(1).max(9),
    z
      .string()
      .regex(/^a\/(b|c)$/i)
      .startsWith('a'),
    z.string().default('x'),
    z.email(),
    z.iso.datetime(),
    z.enum(['a', 'b']),
    z.literal(3),
    z.number().gt(0),
    z.boolean(),
    z.unknown(),
    int32().min(1),
    int64(),
    intOrString(),
    rawObject(),
    listSet(z.array(z.string())),
    z.set(z.string()),
    z.string().refine(() => true),
    z.string().transform(Number),
  );
}

/** The conversion, or undefined where the schema was refused, which is fine here. */
function convert(schema: z.ZodType): StructuralSchema | undefined {
  try {
    return structuralSchema(schema, 'Test', 'spec');
  } catch (error) {
    if (error instanceof SchemaError) return undefined;
    throw error;
  }
}

function* allWithin(schema: StructuralSchema): Generator<StructuralSchema> {
  yield schema;
  const inside = [...Object.values(schema.properties ?? {}), schema.items, schema.additionalProperties];
  for (const each of inside) if (each !== undefined) yield* allWithin(each);
}

/** What the API server would say against this one schema, whatever is inside. */
function structuralProblems(schema: StructuralSchema): string[] {
  const { type, properties = {}, required = [], additionalProperties, items, pattern = '', allOf = [] } = schema;
  const needsNoType = schema['x-kubernetes-int-or-string'] ?? schema['x-kubernetes-preserve-unknown-fields'] ?? false;
  const patterns = [pattern, ...allOf.map((each) => each.pattern)];
  return [
    ...(type === undefined && !needsNoType ? ['no type'] : []),
    ...(type === 'array' && items === undefined ? ['no items'] : []),
    ...(Object.keys(properties).length > 0 && additionalProperties !== undefined ? ['both a map and an object'] : []),
    ...required.filter((name) => !(name in properties)).map((name) => `requires ${name}, which does not exist`),
    ...patterns.filter((each) => !isRe2(each)).map((each) => `unreadable pattern ${each}`),
  ];
}

function isRe2(pattern: string): boolean {
  try {
    return RE2JS.compile(pattern) instanceof RE2JS;
  } catch {
    return false;
  }
}

describe('structuralSchema, whatever the zod schema', () => {
  it('is structural or refused', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const problems = [...allWithin(convert(schema) ?? { type: 'object' })].flatMap(structuralProblems);
        expect(problems).toEqual([]);
      }),
    );
  });

  it('is plain JSON, the same every time', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const first = convert(schema) ?? {};
        expect(JSON.stringify(convert(schema) ?? {})).toBe(JSON.stringify(first));
        expect(JSON.parse(JSON.stringify(first))).toEqual(first);
      }),
    );
  });

  it('refuses what it cannot say however deep it lies', () => {
    fc.assert(
      fc.property(anySchema, (schema) => {
        const holder = z.object({ fine: z.string(), nested: z.array(z.object({ set: z.set(schema) })) });
        expect(() => structuralSchema(holder, 'Test', 'spec')).toThrow('Test spec.nested[].set: z.set() is not JSON');
      }),
    );
  });
});

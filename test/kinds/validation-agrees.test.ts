import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import {
  customResourceDefinition,
  defineKind,
  entryCount,
  intOrString,
  listMap,
  listSet,
  pattern,
  rule,
  validateSpec,
} from '@trueup/core';
import fc from 'fast-check';
import { z } from 'zod';

const Sample = defineKind({
  group: 'example.dev',
  kind: 'Sample',
  versions: { v1: {} },
  spec: z.object({
    text: z.string().min(1).max(3).startsWith('a').optional(),
    posix: pattern(z.string(), '^[[:alpha:]]*$').optional(),
    address: z.ipv4().optional(),
    size: z.int().gt(0).lte(3).default(1),
    half: z.number().lt(1).nullable().optional(),
    port: intOrString().optional(),
    set: listSet(z.array(z.enum(['a', 'b']))).optional(),
    map: listMap(z.array(z.object({ name: z.string(), on: z.boolean().default(false) })).max(2), ['name']).optional(),
    entries: entryCount(z.record(z.string().regex(/^[ab]+$/), z.string()), { max: 2 }).optional(),
    target: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('file'), path: z.string() }),
        z.strictObject({ type: z.enum(['http', 'https']), host: z.string(), port: z.int().optional() }),
      ])
      .optional(),
    range: rule(
      z.object({ min: z.int(), max: z.int() }).refine(({ min, max }) => min <= max, 'min must not exceed max'),
      { rule: 'self.min <= self.max', message: 'min must not exceed max' },
    ).optional(),
  }),
});

const text = fc.constantFrom('', 'a', 'ab', 'abcd', 'b', '1.2.3.4', '5%');
const number = fc.constantFrom(-1, 0, 0.5, 1, 3, 4);

const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  text: fc.oneof(text, number),
  posix: text,
  address: text,
  size: number,
  half: fc.oneof(number, fc.constant(null)),
  port: fc.oneof(text, number, fc.boolean()),
  set: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }),
  map: fc.array(fc.record({ name: text, on: fc.boolean() }, { requiredKeys: [] }), { maxLength: 3 }),
  entries: fc.dictionary(fc.constantFrom('a', 'b', 'ab', 'c'), text, { maxKeys: 3 }),
  target: fc.record(
    { type: fc.constantFrom('file', 'http', 'https', 'ftp'), path: text, host: text, port: number },
    { requiredKeys: [] },
  ),
  range: fc.record({ min: number, max: number }, { requiredKeys: [] }),
};

/** One or two fields, so that many specs are valid. */
const anySpec = fc
  .array(fc.oneof(...Object.entries(fields).map(([name, value]) => fc.record({ [name]: value }))), { maxLength: 2 })
  .map((parts): Record<string, unknown> => Object.assign({}, ...parts));

describe('a kind defined in zod', () => {
  let controlPlane: ControlPlane;

  beforeAll(async () => {
    controlPlane = await ControlPlane.start();
    const definitions = { group: 'apiextensions.k8s.io', plural: 'customresourcedefinitions' };
    await controlPlane.api.create(definitions, {
      ...customResourceDefinition(Sample),
      metadata: { name: 'samples.example.dev' },
    });
    await controlPlane.settle();
  });

  afterAll(() => controlPlane.stop());

  it('is judged the same by the API server and by zod', async () => {
    await fc.assert(
      fc.asyncProperty(anySpec, async (spec) => {
        const object = {
          apiVersion: 'example.dev/v1',
          kind: 'Sample',
          metadata: { generateName: 'sample-', namespace: 'default' },
          spec,
        };
        const refusal = await controlPlane.api.create(Sample.resource, object).then(
          () => undefined,
          (error: unknown) => String(error),
        );
        expect({ refused: refusal !== undefined, spec, refusal }).toMatchObject({
          refused: validateSpec(Sample, spec).length > 0,
        });
      }),
      { numRuns: 500 },
    );
  });
});

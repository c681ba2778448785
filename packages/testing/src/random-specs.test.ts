import { describe, expect, it } from '@jest/globals';
import { defineKind, int32, validateSpec } from '@trueup/core';
import fc from 'fast-check';
import { z } from 'zod';
import { randomSpecs } from './random-specs.js';

const Recipe = defineKind({
  group: 'random.example.com',
  kind: 'Recipe',
  versions: { v1: {} },
  spec: z.object({
    title: z.string().min(1).max(10),
    servings: int32().min(1).max(8).optional(),
    course: z.enum(['starter', 'main']).optional(),
    steps: z.array(z.object({ text: z.string(), minutes: z.number().optional() })).optional(),
    notes: z.record(z.string(), z.string()).optional(),
  }),
});

const example = { title: 'Soup', steps: [{ text: 'stir', minutes: 5 }] };
const isValid = (spec: unknown) => validateSpec(Recipe, spec).length === 0;

describe('random specs of a kind', () => {
  it.each([
    { from: 'its schema', options: {} },
    { from: 'an example, too', options: { examples: [example] } },
  ])('made from $from are partly valid and partly not', ({ options }) => {
    const specs = fc.sample(randomSpecs(Recipe, options), { numRuns: 300, seed: 1 });
    const valid = specs.filter(isValid).length;
    expect(valid).toBeGreaterThan(60);
    expect(valid).toBeLessThan(240);
  });

  it('have every field, within and without its bounds, and values of other types', () => {
    const specs = fc.sample(randomSpecs(Recipe, { examples: [example] }), { numRuns: 1000, seed: 1 });
    const values = (field: string) => specs.flatMap((spec) => (field in spec ? [spec[field]] : []));
    expect(values('servings')).toEqual(expect.arrayContaining([0, 1, 8, 9]));
    expect(values('course')).toEqual(expect.arrayContaining(['starter', 'main']));
    for (const field of ['title', 'servings', 'steps', 'notes']) {
      expect(new Set(values(field).map((value) => typeof value)).size).toBeGreaterThan(2);
    }
    expect(specs.filter((spec) => !('title' in spec)).length).toBeGreaterThan(0);
  });

  it('leave the examples as they are', () => {
    const before = structuredClone(example);
    fc.sample(randomSpecs(Recipe, { examples: [example] }), { numRuns: 300, seed: 1 });
    expect(example).toEqual(before);
  });
});

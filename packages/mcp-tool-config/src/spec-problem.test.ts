import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { MCPToolConfig, ToolOverride } from './resource.js';
import { specProblem } from './spec-problem.js';

type Spec = MCPToolConfig['spec'];

describe('a spec with nothing wrong', () => {
  it.each<[string, Spec]>([
    ['empty', {}],
    ['a filter', { toolsFilter: ['get_file', 'list'] }],
    ['an empty filter', { toolsFilter: [] }],
    ['a new name', { toolsOverride: { read_file: { name: 'get_file' } } }],
    ['only a description', { toolsOverride: { read_file: { description: 'Reads a file' } } }],
    ['only annotations, false among them', { toolsOverride: { rm: { annotations: { readOnlyHint: false } } } }],
    ['two tools that swap their names', { toolsOverride: { a: { name: 'b' }, b: { name: 'a' } } }],
    ['two tools without new names', { toolsOverride: { a: { name: '', description: 'x' }, b: { description: 'x' } } }],
  ])('is %s', (_, spec) => {
    expect(specProblem(spec)).toBeUndefined();
  });
});

const NEEDS_ONE = 'at least one of name, description or annotations must be set';

describe('specProblem', () => {
  it.each<[string, Spec, string]>([
    ['3.1', { toolsFilter: ['a', ''] }, 'toolsFilter[1]: must not be empty'],
    ['3.1 before 3.2', { toolsFilter: ['a,b', ''] }, 'toolsFilter[1]: must not be empty'],
    ['3.2', { toolsFilter: ['a,b'] }, 'toolsFilter[0]: "a,b" must not contain commas or newlines'],
    ['3.2', { toolsFilter: ['a', 'b\nc'] }, String.raw`toolsFilter[1]: "b\nc" must not contain commas or newlines`],
    ['3.2', { toolsFilter: ['a\r'] }, String.raw`toolsFilter[0]: "a\r" must not contain commas or newlines`],
    [
      '3.2 before 3.3',
      { toolsFilter: [','], toolsOverride: { '': {} } },
      'toolsFilter[0]: "," must not contain commas or newlines',
    ],
    ['3.3', { toolsOverride: { '': { name: 'x' } } }, 'toolsOverride: tool name must not be empty'],
    ['3.3 before 3.4', { toolsOverride: { a: {}, '': { name: 'x' } } }, 'toolsOverride: tool name must not be empty'],
    ['3.4', { toolsOverride: { a: {} } }, `toolsOverride["a"]: ${NEEDS_ONE}`],
    ['3.4 empty texts', { toolsOverride: { a: { name: '', description: '' } } }, `toolsOverride["a"]: ${NEEDS_ONE}`],
    ['3.4 no hint', { toolsOverride: { a: { annotations: {} } } }, `toolsOverride["a"]: ${NEEDS_ONE}`],
    ['3.4 in sorted order', { toolsOverride: { b: {}, a: {} } }, `toolsOverride["a"]: ${NEEDS_ONE}`],
    [
      '3.4 before 3.5',
      { toolsOverride: { a: { name: 'x' }, b: { name: 'x' }, c: {} } },
      `toolsOverride["c"]: ${NEEDS_ONE}`,
    ],
    [
      '3.5',
      { toolsOverride: { b: { name: 'x' }, a: { name: 'x' } } },
      'toolsOverride["b"]: name "x" is already used by toolsOverride["a"]',
    ],
  ])('says what is wrong: %s, %j', (_, spec, problem) => {
    expect(specProblem(spec)).toBe(problem);
  });

  it.each<[string, unknown, string]>([
    ['the same tool twice', { toolsFilter: ['a', 'a'] }, 'spec.toolsFilter: must not hold the same item twice'],
    ['a filter that is a text', { toolsFilter: 'a' }, 'spec.toolsFilter: '],
    ['an override that is a text', { toolsOverride: { a: 'b' } }, 'spec.toolsOverride.a: '],
  ])('names the field where a stored object has %s', (_, spec, start) => {
    expect(specProblem(spec as Spec)?.slice(0, start.length)).toBe(start);
  });
});

const toolName = fc.stringMatching(/^[^,\r\n]+$/);
const override: fc.Arbitrary<ToolOverride> = fc
  .record(
    {
      name: fc.string(),
      description: fc.string(),
      annotations: fc.record({ title: fc.string(), readOnlyHint: fc.boolean() }, { requiredKeys: [] }),
    },
    { requiredKeys: [] },
  )
  .filter(
    ({ name, description, annotations = {} }) => Boolean(name || description) || Object.keys(annotations).length > 0,
  );
const validSpec: fc.Arbitrary<Spec> = fc.record(
  {
    toolsFilter: fc.uniqueArray(toolName, { maxLength: 5 }),
    toolsOverride: fc
      .dictionary(fc.string({ minLength: 1 }), override, { maxKeys: 5 })
      .filter((overrides) => distinct(Object.values(overrides).flatMap(({ name }) => name || []))),
  },
  { requiredKeys: [] },
);

describe('for any spec, specProblem', () => {
  it('has nothing against one that keeps every rule', () => {
    fc.assert(
      fc.property(validSpec, (spec) => {
        expect(specProblem(spec)).toBeUndefined();
      }),
    );
  });

  it('never throws and accepts no spec that breaks a rule, whatever is put in place of its fields', () => {
    const replacement = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, '', {}, [], 'a,b', 'x', ['x', ''], { a: {} }),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const change = fc.tuple(fc.nat(12), replacement);
    fc.assert(
      fc.property(validSpec, fc.array(change, { minLength: 1, maxLength: 3 }), (spec, changes) => {
        const damaged = changes.reduce<unknown>((value, [n, other]) => replaced(value, n, other), spec) as Spec;
        const problem = specProblem(damaged);
        expect(problem === undefined || problem.length > 0).toBe(true);
        expect(problem === undefined && !keepsEveryRule(damaged)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('says the same in whatever order the overrides are written', () => {
    const any = fc.dictionary(fc.constantFrom('', 'a', 'b', 'c'), fc.record({ name: fc.constantFrom('', 'x', 'y') }));
    fc.assert(
      fc.property(any, (toolsOverride) => {
        const turned = Object.fromEntries(Object.entries(toolsOverride).reverse());
        expect(specProblem({ toolsOverride: turned })).toBe(specProblem({ toolsOverride }));
      }),
    );
  });
});

/** The rules once more: the oracle of the property above. */
function keepsEveryRule({ toolsFilter = [], toolsOverride = {} }: Spec): boolean {
  const overrides = Object.values(toolsOverride);
  return (
    toolsFilter.every((name) => /^[^,\r\n]+$/.test(name)) &&
    !Object.hasOwn(toolsOverride, '') &&
    overrides.every(({ name, description, annotations }) =>
      [name, description, ...Object.keys(annotations ?? {})].some(Boolean),
    ) &&
    distinct(overrides.flatMap(({ name }) => name || []))
  );
}

function distinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}

/** The value with another in place of its n-th field or item, counted through all levels. */
function replaced(value: unknown, n: number, other: unknown): unknown {
  let left = n;
  const copy = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([key, member]) => [key, left-- === 0 ? other : copy(member)] as const);
    return Array.isArray(node) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
  };
  return copy(value);
}

import { describe, expect, it } from '@jest/globals';
import type { Stored } from '@trueup/core';
import { runs } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import type { CompositeTool } from '../composite-tool-schema.js';
import { compositeToolProblem, compositeToolProblems } from './composite-tool-problems.js';

type Tool = Stored<CompositeTool>;
type Step = NonNullable<Tool['steps']>[number];

const SEARCH: Step = {
  id: 'search',
  type: 'tool',
  tool: 'github.search',
  arguments: { query: '{{.params.q}}' },
  onError: { action: 'continue' },
  defaultResults: { items: [] },
};
const CONFIRM: Step = {
  id: 'confirm',
  type: 'elicitation',
  message: 'Label {{ len .steps.search.output.items }} issues?',
  schema: { type: 'object', properties: { ok: { type: 'boolean' } } },
  dependsOn: ['search'],
};
const LABEL: Step = {
  id: 'label',
  type: 'forEach',
  collection: '{{ json .steps.search.output.items }}',
  itemVar: 'issue',
  step: {
    id: 'one',
    tool: 'github.add_label',
    arguments: { number: '{{.forEach.issue.number}}', label: 'triage' },
  },
  dependsOn: ['confirm'],
};
const TRIAGE: Tool = {
  name: 'triage_issue',
  description: 'Find and label an issue',
  parameters: { type: 'object', properties: { q: { type: 'string' } }, required: ['q'] },
  timeout: '5m',
  steps: [SEARCH, CONFIRM, LABEL],
  output: {
    properties: {
      labelled: {
        type: 'integer',
        description: 'Number labelled',
        value: '{{.steps.label.output.completed}}',
        default: 0,
      },
    },
    required: ['labelled'],
  },
};

/** What is wrong with the tool of this file after some change, without the words that introduce it. */
const problemOf = (tool: Tool) => compositeToolProblem(tool, 'spec')?.replace(/^validation failed: /, '');
const changed = (change: Tool) => problemOf({ ...TRIAGE, ...change });
const without = <T extends object>(value: T, field: keyof T): T => {
  const { [field]: _, ...rest } = value;
  return rest as T;
};
const steps = (search: Step, confirm: Step = CONFIRM, label: Step = LABEL) =>
  changed({ steps: [search, confirm, label] });
/** Of a tool with nothing but these steps. */
const alone = (...own: readonly Step[]) => problemOf({ name: 't', description: 'd', steps: own });
const search = (change: Step) => steps({ ...SEARCH, ...change });
const confirm = (change: Step) => steps(SEARCH, { ...CONFIRM, ...change });
const label = (change: Step) => steps(SEARCH, CONFIRM, { ...LABEL, ...change });
const inner = (change: object) => label({ step: { ...LABEL.step, ...change } });
const call = (id: string, change: Step = {}): Step => ({ id, type: 'tool', tool: 'a.b', ...change });

const SYNTAX = 'invalid template: invalid template syntax: template: validation:1: unclosed action';
const SCHEMA = 'invalid JSON Schema: invalid JSON Schema: type must be one of';
const TYPES = 'array, boolean, integer, null, number, object, string';

describe('a composite tool with nothing wrong', () => {
  it.each<[string, Tool]>([
    ['has steps of every type', TRIAGE],
    ['has empty parameters, which are none', { ...TRIAGE, parameters: {} }],
    [
      'asks whether a step that may be skipped was run',
      {
        name: 't',
        description: 'd',
        steps: [
          call('a', { condition: '{{ eq .params.x "y" }}' }),
          call('b', { condition: '{{ eq .steps.a.status "completed" }}', dependsOn: ['a'] }),
        ],
      },
    ],
    [
      'reads the whole result of a step that may be skipped',
      {
        name: 't',
        description: 'd',
        steps: [
          call('a', { onError: { action: 'continue' } }),
          call('b', { arguments: { x: '{{json .steps.a.output}}' } }),
        ],
      },
    ],
    [
      'reads a step that may be skipped by index, which nobody can foresee',
      {
        name: 't',
        description: 'd',
        steps: [
          call('a-b', { onError: { action: 'continue' } }),
          call('c', { arguments: { x: '{{ index .steps "a-b" "output" "x" }}' } }),
        ],
      },
    ],
    [
      'reads its own result',
      {
        name: 't',
        description: 'd',
        steps: [call('a', { condition: '{{ .params.x }}', arguments: { x: '{{.steps.a.output.x}}' } })],
      },
    ],
    ['repeats a step as often as it likes', { ...TRIAGE, steps: [SEARCH, CONFIRM, { ...LABEL, maxIterations: 0 }] }],
    [
      'puts JSON together from templates',
      {
        ...TRIAGE,
        output: { properties: { x: { type: 'object', description: 'd', value: '{"a":{"b":{{.params.x}}}}' } } },
      },
    ],
    [
      'has a result with members of members',
      {
        ...TRIAGE,
        output: {
          properties: {
            o: {
              type: 'object',
              description: 'd',
              properties: { n: { type: 'number', description: 'd', value: '1', default: '2' } },
            },
          },
        },
      },
    ],
  ])('%s', (_, tool) => {
    expect(problemOf(tool)).toBeUndefined();
  });
});

describe('compositeToolProblem', () => {
  it.each<[string | undefined, string]>([
    // The tool itself.
    [changed({ name: '' }), 'spec.name is required'],
    [changed({ description: '' }), 'spec.description is required'],
    [changed({ steps: [] }), 'spec.steps must have at least one step'],
    [problemOf({}), 'spec.name is required; spec.description is required; spec.steps must have at least one step'],
    [alone(...Array.from({ length: 101 }, (_, n) => call(`s${n}`))), 'spec.steps must have at most 100 steps'],
    [changed({ timeout: '-5s' }), 'spec.timeout cannot be negative'],
    [
      changed({ parameters: { properties: {} } }),
      "spec.parameters: must have 'type' field (should be 'object' for JSON Schema)",
    ],
    [changed({ parameters: { type: 5 } }), "spec.parameters: 'type' field must be a string"],
    [changed({ parameters: { type: 'string' } }), "spec.parameters: 'type' must be 'object' (got 'string')"],
    [
      changed({ parameters: { type: 'object', properties: { q: { type: 'text' } } } }),
      `spec.parameters: invalid JSON Schema: invalid JSON Schema: properties.q.type must be one of ${TYPES}, or a list of them, each once`,
    ],
    // Steps, the first problem only.
    [search({ id: '' }), 'spec.steps[0].id is required'],
    [confirm({ id: 'search' }), 'spec.steps[1].id "search" is duplicated'],
    [
      alone({ id: 'a', tool: 'b', message: 'c' }),
      'spec.steps[0] cannot have both tool and message fields - use explicit type to clarify intent',
    ],
    [alone({ id: 'a' }), 'spec.steps[0].tool is required when type is tool'],
    [alone({ id: 'a', type: 'loop' as 'tool' }), 'spec.steps[0].type must be one of: tool, elicitation, forEach'],
    [search({ tool: 'bad name' }), 'spec.steps[0].tool must be a valid tool name'],
    [search({ tool: 'a/b' }), 'spec.steps[0].tool must be a valid tool name'],
    [confirm({ message: '' }), 'spec.steps[1].message is required when type is elicitation'],
    [steps(SEARCH, without(CONFIRM, 'schema')), 'spec.steps[1].schema is required when type is elicitation'],
    [search({ arguments: { u: '{{ .x' } }), `spec.steps[0].arguments[u]: ${SYNTAX}`],
    [search({ arguments: { u: { v: ['ok', '{{ .x'] } } }), `spec.steps[0].arguments[u].v[1]: ${SYNTAX}`],
    [search({ condition: '{{ .x' }), `spec.steps[0].condition: ${SYNTAX}`],
    [confirm({ message: '{{ .x' }), `spec.steps[1].message: ${SYNTAX}`],
    [confirm({ schema: { type: 'what' } }), `spec.steps[1].schema: ${SCHEMA} ${TYPES}, or a list of them, each once`],
    [confirm({ dependsOn: ['zzz'] }), 'spec.steps[1].dependsOn references unknown step "zzz"'],
    [
      search({ onError: { action: 'stop' as 'abort' } }),
      'spec.steps[0].onError.action must be one of: abort, continue, retry',
    ],
    [
      search({ onError: { action: 'retry' } }),
      'spec.steps[0].onError.retryCount must be at least 1 when action is retry',
    ],
    [
      search({ onError: { action: 'retry', retryCount: 11 } }),
      'spec.steps[0].onError.retryCount must be <= 10 (got 11)',
    ],
    [confirm({ onDecline: {} }), 'spec.steps[1].onDecline.action is required'],
    [
      confirm({ onCancel: { action: 'retry' as 'abort' } }),
      'spec.steps[1].onCancel.action must be one of: abort, continue, skip_remaining',
    ],
    // Cycles: the first step in the list that cannot begin.
    [confirm({ dependsOn: ['label'] }), 'spec.steps: dependency cycle detected involving step "confirm"'],
    [alone(call('a', { dependsOn: ['a'] })), 'spec.steps: dependency cycle detected involving step "a"'],
    [
      alone(
        call('free'),
        call('waits', { dependsOn: ['x'] }),
        call('x', { dependsOn: ['y'] }),
        call('y', { dependsOn: ['x'] }),
      ),
      'spec.steps: dependency cycle detected involving step "waits"',
    ],
    // Repeated steps.
    [label({ tool: 'x' }), "spec.steps[2]: forEach step must not have 'tool' field"],
    [label({ message: 'x' }), "spec.steps[2]: forEach step must not have 'message' field"],
    [label({ collection: '' }), 'spec.steps[2].collection is required for forEach steps'],
    [label({ collection: '{{ .x' }), `spec.steps[2].collection: ${SYNTAX}`],
    [steps(SEARCH, CONFIRM, without(LABEL, 'step')), 'spec.steps[2].step is required for forEach steps'],
    [
      inner({ type: 'elicitation' }),
      `spec.steps[2].step.type must be 'tool' (got "elicitation"); only tool inner steps are supported`,
    ],
    [inner({ type: 5 }), `spec.steps[2].step.type must be 'tool' (got "5"); only tool inner steps are supported`],
    [label({ step: {} }), 'spec.steps[2].step.tool is required for tool inner steps'],
    [inner({ tool: 'a b' }), 'spec.steps[2].step.tool must be a valid tool name'],
    [inner({ tool: ['a'] }), 'spec.steps[2].step.tool must be a valid tool name'],
    [inner({ arguments: { n: '{{ .x' } }), `spec.steps[2].step.arguments[n]: ${SYNTAX}`],
    [label({ itemVar: 'my-item' }), 'spec.steps[2].itemVar must be a valid Go identifier (got "my-item")'],
    [label({ itemVar: 'index' }), "spec.steps[2].itemVar cannot be 'index' (reserved)"],
    [label({ maxParallel: -1 }), 'spec.steps[2].maxParallel must be non-negative'],
    [label({ maxParallel: 99 }), 'spec.steps[2].maxParallel must be <= 50 (got 99)'],
    [label({ maxIterations: -1 }), 'spec.steps[2].maxIterations must be non-negative'],
    [label({ maxIterations: 1001 }), 'spec.steps[2].maxIterations must be <= 1000 (got 1001)'],
    // What is said together.
    [
      changed({ description: '', steps: [SEARCH, CONFIRM, { ...LABEL, maxParallel: 99 }] }),
      'spec.description is required; spec.steps[2].maxParallel must be <= 50 (got 99)',
    ],
  ])('says %j', (problem, expected) => {
    expect(problem).toBe(expected);
  });

  it('says no more than a condition can hold', () => {
    const long = 'a'.repeat(100_000);
    expect(compositeToolProblem({ ...TRIAGE, steps: [call(long), call(long)] }, 'spec')).toHaveLength(32_768);
  });

  it('names the place as it is told', () => {
    expect(compositeToolProblem({ ...TRIAGE, description: '' }, 'spec.config.compositeTools[0]')).toBe(
      'validation failed: spec.config.compositeTools[0].description is required',
    );
  });
});

describe('a step that may be skipped', () => {
  const skipped = (own: Step, ...others: readonly Step[]) => alone({ ...call('a'), ...own }, ...others);
  const needs = (field: string, referrer: string) =>
    `spec.steps[a].defaultResults[${field}] is required: step "a" may be skipped and field "${field}" is referenced by ${referrer}`;
  const onContinue: Step = { onError: { action: 'continue' } };
  const text = '{{ .steps.a.output.x }}';

  it.each<[string, string | undefined, string]>([
    ['a condition', skipped(onContinue, call('b', { condition: text })), needs('x', 'step b')],
    [
      'an argument',
      skipped({ condition: '{{ .params.y }}' }, call('b', { arguments: { u: text } })),
      needs('x', 'step b'),
    ],
    ['an argument within another', skipped(onContinue, call('b', { arguments: { u: [text] } })), needs('x', 'step b')],
    [
      'a message',
      skipped(onContinue, { id: 'b', type: 'elicitation', message: text, schema: { type: 'object' } }),
      needs('x', 'step b'),
    ],
    [
      'a collection',
      skipped(onContinue, { id: 'b', type: 'forEach', collection: text, step: { tool: 'c' } }),
      needs('x', 'step b'),
    ],
    [
      'a repeated step',
      skipped(onContinue, { id: 'b', type: 'forEach', collection: '[]', step: { tool: 'c', arguments: { u: text } } }),
      needs('x', 'step b'),
    ],
    [
      'a pipeline in a range',
      skipped(onContinue, call('b', { condition: '{{range .params.l}}{{ len .steps.a.output.x.y | eq 1 }}{{end}}' })),
      needs('x', 'step b'),
    ],
    [
      'the data of the whole template',
      skipped(onContinue, call('b', { condition: '{{ $.steps.a.output.x }}' })),
      needs('x', 'step b'),
    ],
    [
      'the output, at any depth',
      problemOf({
        name: 't',
        description: 'd',
        steps: [{ ...call('a'), ...onContinue }],
        output: {
          properties: {
            o: {
              type: 'object',
              description: 'd',
              properties: { i: { type: 'string', description: 'd', value: text } },
            },
          },
        },
      }),
      needs('x', 'output'),
    ],
    [
      'two steps, and is told once',
      skipped(onContinue, call('b', { condition: text }), call('c', { condition: text })),
      needs('x', 'step b'),
    ],
    [
      'two fields',
      skipped({ ...onContinue, defaultResults: 'none' }, call('b', { condition: `${text}{{.steps.a.output.z}}` })),
      `${needs('x', 'step b')}; ${needs('z', 'step b')}`,
    ],
    [
      'a template beside one that is broken, which is told once',
      skipped(onContinue, call('b', { condition: text, arguments: { u: '{{ .x' } })),
      `spec.steps[1].arguments[u]: ${SYNTAX}; ${needs('x', 'step b')}`,
    ],
    [
      'the definition of the example',
      steps(without(SEARCH, 'defaultResults')),
      'spec.steps[search].defaultResults[items] is required: step "search" may be skipped and field "items" is referenced by step confirm',
    ],
  ])('needs a default for a field that is read by %s', (_, problem, expected) => {
    expect(problem).toBe(expected);
  });
});

describe('the output of a composite tool', () => {
  const output = (properties: object, required?: readonly string[]) =>
    changed({ output: { properties: properties, ...(required && { required }) } })?.replace(/^spec\.output\./, '');
  const aText = { type: 'string', description: 'd', value: 'x' };
  const deep = (levels: number): object =>
    levels === 0 ? aText : { type: 'object', description: 'd', properties: { a: deep(levels - 1) } };

  it.each<[string | undefined, string]>([
    [output({}), 'properties: output properties cannot be empty'],
    [output({ a: aText }, ['b']), 'required: required field "b" does not exist in properties'],
    [
      output({ a: deep(11) }),
      `properties: property "${Array(12).fill('a').join('.')}" exceeds maximum nesting depth 10`,
    ],
    [output({ a: { ...aText, type: '' } }), `properties.type: property "a" is missing required field 'type'`],
    [
      output({ a: { ...aText, type: 'text' } }),
      'properties.type: property "a" has invalid type "text" (must be one of: string, integer, number, boolean, object, array)',
    ],
    [
      output({ a: { type: 'string', value: 'x' } }),
      `properties.description: property "a" is missing required field 'description'`,
    ],
    [
      output({ a: { ...aText, type: 'object', properties: {} } }),
      `properties: property "a" cannot have both 'value' and 'properties' fields`,
    ],
    [
      output({ a: { type: 'object', description: 'd' } }),
      `properties: property "a" must have either 'value' or 'properties' field`,
    ],
    [
      output({ a: { type: 'array', description: 'd', properties: { b: aText } } }),
      `properties.value: property "a" with type "array" must have 'value' field`,
    ],
    [
      output({ o: { type: 'object', description: 'd', properties: { a: { ...aText, value: '{{ .x' } } } }),
      'properties.value: property "o.a" has invalid template syntax: template: validation:1: unclosed action',
    ],
    [
      output({ a: { ...aText, type: 'integer', default: true } }),
      'properties.default: property "a" has default value of type bool, expected integer-compatible type',
    ],
    [
      output({ a: { ...aText, type: 'number', default: [] } }),
      'properties.default: property "a" has default value of type []interface {}, expected number-compatible type',
    ],
    [
      output({ a: { ...aText, type: 'boolean', default: 1.5 } }),
      'properties.default: property "a" has default value of type float64, expected boolean-compatible type',
    ],
    [
      output({ a: { ...aText, type: 'object', default: [] } }),
      'properties.default: property "a" has default value of type []interface {}, expected object or JSON string',
    ],
    [
      output({ a: { ...aText, type: 'array', default: {} } }),
      'properties.default: property "a" has default value of type map[string]interface {}, expected array ([]any) or JSON string',
    ],
    [
      output({ b: { ...aText, description: '' }, a: { ...aText, description: '' } }),
      `properties.description: property "a" is missing required field 'description'`,
    ],
    [
      output({ o: { type: 'object', description: 'd', properties: { a: 5 } } }),
      `properties.type: property "o.a" is missing required field 'type'`,
    ],
    [output({ a: deep(10) }), 'undefined'],
  ])('says %j', (problem, expected) => {
    expect(String(problem)).toBe(expected);
  });
});

describe('compositeToolProblems', () => {
  it.each<[string, Tool, string]>([
    ['a cycle', { ...TRIAGE, steps: [call('a', { dependsOn: ['a'] })] }, 'DependencyCycle'],
    ['a template', { ...TRIAGE, steps: [call('a', { condition: '{{' })] }, 'TemplateInvalid'],
    ['a schema', { ...TRIAGE, parameters: { type: 'object', required: 'q' } }, 'SchemaInvalid'],
    ['anything else', { ...TRIAGE, name: '' }, 'ValidationFailed'],
  ])('tells %s apart', (_, tool, reason) => {
    expect(compositeToolProblems(tool, 'spec')[0]?.reason).toBe(reason);
  });

  it('says something, and never throws, whatever a stored tool holds', () => {
    const odd = fc.oneof(fc.constantFrom(null, '', '{{', '{{.steps.search.output.items}}', 'tool', -1), fc.jsonValue());
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.option(odd, { nil: undefined })), { maxLength: 4 }), (cuts) => {
        const tool = cuts.reduce<unknown>((value, [at, replacement]) => altered(value, at, replacement), TRIAGE);
        const text = compositeToolProblem(typeof tool === 'object' && tool !== null ? tool : {}, 'spec');
        expect(text === undefined || text.startsWith('validation failed: spec')).toBe(true);
      }),
      { numRuns: runs() },
    );
  });

  it('refuses what is nested without end instead of running out of stack', () => {
    const endless = JSON.parse('{"a":'.repeat(8000) + '1' + '}'.repeat(8000)) as Record<string, unknown>;
    expect(alone(call('a', { arguments: endless }))).toBe(
      'spec.steps[0].arguments must not be nested deeper than 100 levels',
    );
    expect(confirm({ schema: { type: 'object', not: endless } })).toContain('nested deeper than 100 levels');
  });
});

/** The value with its n-th field or item replaced, or taken out; counted through all levels. */
function altered(value: unknown, n: number, replacement: unknown): unknown {
  let left = n;
  const copy = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).flatMap(([key, member]): (readonly [string, unknown])[] => {
      if (left-- !== 0) return [[key, copy(member)]];
      return replacement === undefined ? [] : [[key, replacement]];
    });
    return Array.isArray(node) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
  };
  return copy(value);
}

import type { Stored } from '@trueup/core';
import type { CompositeTool } from '../composite-tool-schema.js';
import { quoted } from '../template/go-text.js';
import { invalid, invalidTemplate, type CompositeToolProblem } from './composite-tool-problem.js';
import { templateSyntaxProblem } from './templates.js';

const TYPES: readonly unknown[] = ['string', 'integer', 'number', 'boolean', 'object', 'array'];
const MAX_DEPTH = 10;

/** What a default must be, by type; a string is read when the tool is called, and made of anything. */
const DEFAULTS: Readonly<Record<string, { readonly expected: string; fits(value: unknown): boolean }>> = {
  integer: { expected: 'integer-compatible type', fits: (value) => typeof value === 'number' },
  number: { expected: 'number-compatible type', fits: (value) => typeof value === 'number' },
  boolean: {
    expected: 'boolean-compatible type',
    fits: (value) => typeof value === 'boolean' || Number.isInteger(value),
  },
  object: { expected: 'object or JSON string', fits: (value) => goTypeOf(value) === 'map[string]interface {}' },
  array: { expected: 'array ([]any) or JSON string', fits: Array.isArray },
};

type Properties = Readonly<Record<string, unknown>>;

/** What is wrong with the output section of a tool; only the first is sure. */
export function* outputProblems(
  { required = [], properties = {} }: NonNullable<Stored<CompositeTool>['output']>,
  path: string,
): Generator<CompositeToolProblem> {
  if (Object.keys(properties).length === 0) yield invalid(`${path}.properties: output properties cannot be empty`);
  for (const name of required) {
    if (!Object.hasOwn(properties, name)) {
      yield invalid(`${path}.required: required field ${quoted(name)} does not exist in properties`);
    }
  }
  yield* propertiesProblems(properties, '', `${path}.properties`, 0);
}

function* propertiesProblems(
  properties: Properties,
  prefix: string,
  path: string,
  depth: number,
): Generator<CompositeToolProblem> {
  for (const [name, property] of Object.entries(properties).sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield* propertyProblems(isRecord(property) ? property : {}, `${prefix}${name}`, path, depth);
  }
}

/** Below the first level everything is as its author wrote it. */
function* propertyProblems(
  { type, description, value, properties, default: fallback }: Properties,
  name: string,
  path: string,
  depth: number,
): Generator<CompositeToolProblem> {
  const property = `property ${quoted(name)}`;
  if (depth > MAX_DEPTH) {
    yield invalid(`${path}: ${property} exceeds maximum nesting depth ${MAX_DEPTH}`);
    return;
  }
  if (!isText(type)) yield invalid(`${path}.type: ${property} is missing required field 'type'`);
  if (!TYPES.includes(type)) {
    const got = quoted(String(type));
    yield invalid(`${path}.type: ${property} has invalid type ${got} (must be one of: ${TYPES.join(', ')})`);
  }
  if (!isText(description)) yield invalid(`${path}.description: ${property} is missing required field 'description'`);

  const hasProperties = isRecord(properties);
  if (isText(value) && hasProperties) {
    yield invalid(`${path}: ${property} cannot have both 'value' and 'properties' fields`);
  }
  if (!isText(value) && !hasProperties) {
    yield invalid(`${path}: ${property} must have either 'value' or 'properties' field`);
  }
  if (!isText(value) && type !== 'object') {
    yield invalid(`${path}.value: ${property} with type ${quoted(String(type))} must have 'value' field`);
  }
  const syntax = isText(value) ? templateSyntaxProblem(value) : undefined;
  if (syntax !== undefined) yield invalidTemplate(`${path}.value: ${property} has invalid template syntax: ${syntax}`);
  if (hasProperties) yield* propertiesProblems(properties, `${name}.`, path, depth + 1);

  const rule = typeof type === 'string' && Object.hasOwn(DEFAULTS, type) ? DEFAULTS[type] : undefined;
  const isAbsent = fallback === undefined || fallback === null || typeof fallback === 'string';
  if (rule !== undefined && !isAbsent && !rule.fits(fallback)) {
    const got = goTypeOf(fallback);
    yield invalid(`${path}.default: ${property} has default value of type ${got}, expected ${rule.expected}`);
  }
}

/** How Go calls the type of a JSON value. */
function goTypeOf(value: unknown): string {
  if (Array.isArray(value)) return '[]interface {}';
  if (typeof value === 'object') return 'map[string]interface {}';
  return typeof value === 'boolean' ? 'bool' : 'float64';
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isRecord(value: unknown): value is Properties {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

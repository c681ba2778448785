import { parseGoDuration, type Stored } from '@trueup/core';
import { compositeToolSchema, type CompositeTool } from '../composite-tool-schema.js';
import { invalid, type CompositeToolProblem } from './composite-tool-problem.js';
import { defaultResultProblems } from './default-result-problems.js';
import { outputProblems } from './output-problems.js';
import { schemaProblems, stepProblems } from './step-problems.js';

/** More are refused when the tool is loaded. */
const MAX_STEPS = 100;

/** As long as the message of a condition can be; ids of any length are part of the text. */
const MAX_TEXT_LENGTH = 32_768;

/**
 * The text that says everything wrong with a composite tool, `validation failed: a; b`; undefined when nothing is.
 *
 * @param path - Where the tool is, for messages: `spec`, or `spec.config.compositeTools[0]`.
 */
export function compositeToolProblem(tool: Stored<CompositeTool>, path: string): string | undefined {
  const problems = compositeToolProblems(tool, path);
  return problems.length === 0 ? undefined : problemText(problems);
}

/** Several problems as one text. */
export function problemText(problems: readonly CompositeToolProblem[]): string {
  return `validation failed: ${problems.map(({ message }) => message).join('; ')}`.slice(0, MAX_TEXT_LENGTH);
}

/**
 * Everything wrong with a composite tool that can be known without its backends, in the order of its fields; of its steps, and of
 * its output, the first. Never throws, whatever is missing.
 *
 * @param path - Where the tool is, for messages: `spec`, or `spec.config.compositeTools[0]`.
 */
export function compositeToolProblems(tool: Stored<CompositeTool>, path: string): readonly CompositeToolProblem[] {
  const misshapen = shapeProblem(tool, path);
  if (misshapen !== undefined) return [misshapen];
  const { steps = [], output } = tool;
  const [inSteps] = steps.length > MAX_STEPS ? [] : stepProblems(steps, `${path}.steps`);
  const [inOutput] = output === undefined ? [] : outputProblems(output, `${path}.output`);
  return [
    ...headProblems(tool, path),
    ...(inSteps === undefined ? [] : [inSteps]),
    ...defaultResultProblems(tool, path),
    ...(inOutput === undefined ? [] : [inOutput]),
  ];
}

function* headProblems(tool: Stored<CompositeTool>, path: string): Generator<CompositeToolProblem> {
  const { name = '', description = '', steps = [], timeout = '', parameters = {} } = tool;
  if (name === '') yield invalid(`${path}.name is required`);
  if (description === '') yield invalid(`${path}.description is required`);
  if (steps.length === 0) yield invalid(`${path}.steps must have at least one step`);
  if (steps.length > MAX_STEPS) yield invalid(`${path}.steps must have at most ${MAX_STEPS} steps`);
  if ((parseGoDuration(timeout) ?? 0n) < 0n) yield invalid(`${path}.timeout cannot be negative`);
  if (Object.keys(parameters).length > 0) yield* parameterProblems(parameters, `${path}.parameters`);
}

function* parameterProblems(
  parameters: Readonly<Record<string, unknown>>,
  path: string,
): Generator<CompositeToolProblem> {
  const { type } = parameters;
  if (type === undefined) yield invalid(`${path}: must have 'type' field (should be 'object' for JSON Schema)`);
  else if (typeof type !== 'string') yield invalid(`${path}: 'type' field must be a string`);
  else if (type !== 'object') yield invalid(`${path}: 'type' must be 'object' (got '${type}')`);
  else yield* schemaProblems(parameters, path);
}

/** A field that is there and of another type than it can have, as only what was stored without its schema can hold. */
function shapeProblem(tool: unknown, path: string): CompositeToolProblem | undefined {
  const issues = compositeToolSchema.safeParse(tool).error?.issues ?? [];
  const issue = issues.find(({ code, path: steps }) => code === 'invalid_type' && valueAt(tool, steps) !== undefined);
  if (issue === undefined) return undefined;
  const place = issue.path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return invalid(`${path}${place}: ${issue.message}`);
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, step) => (typeof parent === 'object' && parent !== null ? Reflect.get(parent, step) : undefined),
    value,
  );
}

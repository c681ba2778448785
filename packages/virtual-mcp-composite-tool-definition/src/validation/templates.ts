import { operandsOf, type Template } from '../template/template.js';
import { parseTemplate, TemplateSyntaxError } from '../template/parse-template.js';
import { invalid, invalidTemplate, type CompositeToolProblem } from './composite-tool-problem.js';
import { isNestedTooDeep, MAX_NESTING } from './nesting.js';

/** A text that is a template, and where it stands. */
export interface PlacedTemplate {
  readonly path: string;
  readonly text: string;
}

/** The texts in arguments, at any depth; object keys are no templates. */
export function* templatesIn(value: unknown, path: string, depth = 0): Generator<PlacedTemplate> {
  if (typeof value === 'string') yield { path, text: value };
  if (typeof value !== 'object' || value === null || depth > MAX_NESTING) return;
  for (const [key, member] of Object.entries(value)) {
    const isNamed = depth > 0 && !Array.isArray(value);
    yield* templatesIn(member, isNamed ? `${path}.${key}` : `${path}[${key}]`, depth + 1);
  }
}

/** What is wrong with the templates in arguments. */
export function* argumentProblems(value: unknown, path: string): Generator<CompositeToolProblem> {
  if (isNestedTooDeep(value)) yield invalid(`${path} must not be nested deeper than ${MAX_NESTING} levels`);
  for (const template of templatesIn(value, path)) yield* templateProblems(template.text, template.path);
}

/** What is wrong with a template that may be absent. */
export function* templateProblems(text: string | undefined, path: string): Generator<CompositeToolProblem> {
  const problem = templateSyntaxProblem(text);
  if (problem !== undefined) yield invalidTemplate(`${path}: invalid template: invalid template syntax: ${problem}`);
}

/** What the parser says of a text; undefined when it is a template. */
export function templateSyntaxProblem(text = ''): string | undefined {
  const parsed = parsedTemplate(text);
  return parsed instanceof TemplateSyntaxError ? parsed.message : undefined;
}

/** A field of a step's result, as a template refers to it. */
export interface OutputReference {
  readonly step: string;
  readonly field: string;
}

/** The fields of steps' results that a template reads by `.steps.<id>.output.<field>`; none of a text that is no template. */
export function outputReferences(text: string): readonly OutputReference[] {
  const parsed = parsedTemplate(text);
  if (parsed instanceof TemplateSyntaxError) return [];
  return [...operandsOf(parsed)].flatMap((operand) => {
    if (operand.kind !== 'field' && operand.kind !== 'variable') return [];
    const [root, ...rest] = operand.path;
    const [steps, step, output, field] = root === '$' ? rest : operand.path;
    const isReference = steps === 'steps' && output === 'output' && step !== undefined && field !== undefined;
    return isReference ? [{ step, field }] : [];
  });
}

function parsedTemplate(text: string): Template | TemplateSyntaxError {
  try {
    return parseTemplate(text, 'validation');
  } catch (error) {
    if (error instanceof TemplateSyntaxError) return error;
    throw error;
  }
}

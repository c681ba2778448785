import type { Stored } from '@trueup/core';
import type { CompositeTool } from '../composite-tool-schema.js';
import { quoted } from '../template/go-text.js';
import { invalid, type CompositeToolProblem } from './composite-tool-problem.js';
import type { Step } from './step.js';
import { outputReferences, templatesIn, type OutputReference } from './templates.js';

/**
 * A step that may be skipped must have a default for every field of its result that a template of another step, or of the
 * output, reads.
 *
 * @param path - That of the tool.
 */
export function* defaultResultProblems(tool: Stored<CompositeTool>, path: string): Generator<CompositeToolProblem> {
  const steps = tool.steps ?? [];
  const defaults = new Map(steps.filter(maySkip).map(({ id = '', defaultResults }) => [id, membersOf(defaultResults)]));
  if (defaults.size === 0) return;
  const reported = new Set<string>();
  for (const { step, field, referrer } of referencesOf(tool)) {
    const members = defaults.get(step);
    if (members === undefined || members.has(field)) continue;
    const place = `${path}.steps[${step}].defaultResults[${field}]`;
    if (reported.has(place)) continue;
    reported.add(place);
    yield invalid(
      `${place} is required: step ${quoted(step)} may be skipped and field ${quoted(field)} is referenced by ${referrer}`,
    );
  }
}

function maySkip({ condition = '', onError }: Step): boolean {
  return condition !== '' || onError?.action === 'continue';
}

function membersOf(value: unknown): ReadonlySet<string> {
  return new Set(typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : []);
}

/** Every reference to a field of a step's result from elsewhere. */
function* referencesOf({
  steps = [],
  output,
}: Stored<CompositeTool>): Generator<OutputReference & { referrer: string }> {
  for (const step of steps) {
    for (const text of textsOf(step)) {
      for (const reference of outputReferences(text)) {
        if (reference.step !== step.id) yield { ...reference, referrer: `step ${step.id ?? ''}` };
      }
    }
  }
  for (const text of valuesIn(output?.properties)) {
    for (const reference of outputReferences(text)) yield { ...reference, referrer: 'output' };
  }
}

function textsOf(step: Step): readonly string[] {
  const own = [step.condition, step.message, step.collection].flatMap((text) => text ?? []);
  const within = [step.arguments, step.step?.['arguments']].flatMap((value) => [...templatesIn(value, '')]);
  return [...own, ...within.map(({ text }) => text)];
}

/** The values in a section of the output; below the depth that is allowed nobody looks. */
function valuesIn(properties: unknown, depth = 0): readonly string[] {
  if (typeof properties !== 'object' || properties === null || depth > 10) return [];
  return Object.values(properties).flatMap((property: unknown) => {
    if (typeof property !== 'object' || property === null) return [];
    const { value, properties: nested } = property as { readonly value?: unknown; readonly properties?: unknown };
    return [...(typeof value === 'string' ? [value] : []), ...valuesIn(nested, depth + 1)];
  });
}

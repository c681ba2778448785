import { quoted } from '../template/go-text.js';
import { invalid, invalidSchema, type CompositeToolProblem } from './composite-tool-problem.js';
import { firstStepBeforeCycle } from './dependency-cycle.js';
import { forEachProblems } from './for-each-problems.js';
import { jsonSchemaProblem } from './json-schema-problem.js';
import { isToolName, type Step } from './step.js';
import { argumentProblems, templateProblems } from './templates.js';

/** More are not tried when the tool is called. */
const MAX_RETRIES = 10;

/** What is wrong with the steps of a tool, in the order in which its author finds it easiest to mend; only the first is sure. */
export function* stepProblems(steps: readonly Step[], path: string): Generator<CompositeToolProblem> {
  yield* idProblems(steps, path);
  const ids = new Set(steps.map(({ id }) => id));
  for (const [index, step] of steps.entries()) yield* problemsOf(step, `${path}[${index}]`, ids);
  const stuck = firstStepBeforeCycle(steps);
  if (stuck === undefined) return;
  const message = `${path}: dependency cycle detected involving step ${quoted(stuck)}`;
  yield { reason: 'DependencyCycle', message };
}

function* idProblems(steps: readonly Step[], path: string): Generator<CompositeToolProblem> {
  const seen = new Set<string>();
  for (const [index, { id = '' }] of steps.entries()) {
    if (id === '') yield invalid(`${path}[${index}].id is required`);
    if (seen.has(id)) yield invalid(`${path}[${index}].id ${quoted(id)} is duplicated`);
    seen.add(id);
  }
}

function* problemsOf(step: Step, path: string, ids: ReadonlySet<string | undefined>): Generator<CompositeToolProblem> {
  yield* typeProblems(step, path);
  yield* argumentProblems(step.arguments, `${path}.arguments`);
  yield* templateProblems(step.condition, `${path}.condition`);
  yield* templateProblems(step.message, `${path}.message`);
  if (step.schema !== undefined) yield* schemaProblems(step.schema, `${path}.schema`);
  for (const id of step.dependsOn ?? []) {
    if (!ids.has(id)) yield invalid(`${path}.dependsOn references unknown step ${quoted(id)}`);
  }
  yield* onErrorProblems(step, `${path}.onError`);
  if (step.type !== 'elicitation') return;
  yield* answerHandlerProblems(step.onDecline, `${path}.onDecline`);
  yield* answerHandlerProblems(step.onCancel, `${path}.onCancel`);
}

function* typeProblems(step: Step, path: string): Generator<CompositeToolProblem> {
  const { tool = '', message = '' } = step;
  // What is stored may be older than the default of the schema.
  const type: string = step.type ?? '';
  if (type === '' && tool !== '' && message !== '') {
    yield invalid(`${path} cannot have both tool and message fields - use explicit type to clarify intent`);
  }
  switch (type) {
    case '':
    case 'tool':
      if (tool === '') yield invalid(`${path}.tool is required when type is tool`);
      if (!isToolName(tool)) yield invalid(`${path}.tool must be a valid tool name`);
      return;
    case 'elicitation':
      if (message === '') yield invalid(`${path}.message is required when type is elicitation`);
      if (step.schema === undefined) yield invalid(`${path}.schema is required when type is elicitation`);
      return;
    case 'forEach':
      yield* forEachProblems(step, path);
      return;
    default:
      yield invalid(`${path}.type must be one of: tool, elicitation, forEach`);
  }
}

/** @param schema - A JSON Schema, as its author wrote it. */
export function* schemaProblems(schema: unknown, path: string): Generator<CompositeToolProblem> {
  const problem = jsonSchemaProblem(schema);
  if (problem !== undefined) yield invalidSchema(`${path}: invalid JSON Schema: invalid JSON Schema: ${problem}`);
}

function* onErrorProblems({ onError }: Step, path: string): Generator<CompositeToolProblem> {
  const action: string = onError?.action ?? '';
  if (!['', 'abort', 'continue', 'retry'].includes(action)) {
    yield invalid(`${path}.action must be one of: abort, continue, retry`);
  }
  if (action !== 'retry') return;
  const { retryCount = 0 } = onError ?? {};
  if (retryCount < 1) yield invalid(`${path}.retryCount must be at least 1 when action is retry`);
  if (retryCount > MAX_RETRIES) yield invalid(`${path}.retryCount must be <= ${MAX_RETRIES} (got ${retryCount})`);
}

function* answerHandlerProblems(handler: Step['onDecline'], path: string): Generator<CompositeToolProblem> {
  if (handler === undefined) return;
  const action: string = handler.action ?? '';
  if (action === '') yield invalid(`${path}.action is required`);
  if (!['abort', 'continue', 'skip_remaining'].includes(action)) {
    yield invalid(`${path}.action must be one of: abort, continue, skip_remaining`);
  }
}

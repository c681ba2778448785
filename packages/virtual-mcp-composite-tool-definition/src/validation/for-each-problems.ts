import { quoted } from '../template/go-text.js';
import { invalid, type CompositeToolProblem } from './composite-tool-problem.js';
import { isToolName, type Step } from './step.js';
import { argumentProblems, templateProblems } from './templates.js';

/** What is wrong with a step in so far as it repeats another one. */
export function* forEachProblems(step: Step, path: string): Generator<CompositeToolProblem> {
  const { tool = '', message = '', collection = '', itemVar = '' } = step;
  if (tool !== '') yield invalid(`${path}: forEach step must not have 'tool' field`);
  if (message !== '') yield invalid(`${path}: forEach step must not have 'message' field`);
  if (collection === '') yield invalid(`${path}.collection is required for forEach steps`);
  yield* templateProblems(collection, `${path}.collection`);
  yield* innerStepProblems(step, path);
  if (!/^([a-zA-Z_][a-zA-Z0-9_]*)?$/.test(itemVar)) {
    yield invalid(`${path}.itemVar must be a valid Go identifier (got ${quoted(itemVar)})`);
  }
  if (itemVar === 'index') yield invalid(`${path}.itemVar cannot be 'index' (reserved)`);
  yield* limitProblems(step.maxParallel, 50, `${path}.maxParallel`);
  yield* limitProblems(step.maxIterations, 1000, `${path}.maxIterations`);
}

/** The schema leaves the inner step open, so that anything can be in it. */
function* innerStepProblems({ step: inner }: Step, path: string): Generator<CompositeToolProblem> {
  if (inner === undefined) {
    yield invalid(`${path}.step is required for forEach steps`);
    return;
  }
  const { type = '', tool = '' } = inner;
  if (type !== '' && type !== 'tool') {
    const got = quoted(typeof type === 'string' ? type : JSON.stringify(type));
    yield invalid(`${path}.step.type must be 'tool' (got ${got}); only tool inner steps are supported`);
  }
  if (tool === '') yield invalid(`${path}.step.tool is required for tool inner steps`);
  if (typeof tool !== 'string' || !isToolName(tool)) yield invalid(`${path}.step.tool must be a valid tool name`);
  yield* argumentProblems(inner['arguments'], `${path}.step.arguments`);
}

function* limitProblems(value = 0, limit: number, path: string): Generator<CompositeToolProblem> {
  if (value < 0) yield invalid(`${path} must be non-negative`);
  if (value > limit) yield invalid(`${path} must be <= ${limit} (got ${value})`);
}

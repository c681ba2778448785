import {
  always,
  anything,
  choice,
  deferred,
  duration,
  flag,
  freeForm,
  integer,
  list,
  map,
  object,
  text,
} from './shape.js';
import type { Shape } from './shape.js';

const requiredText = () => always(text(), '');

const annotations = object({
  title: text(),
  readOnlyHint: choice(),
  destructiveHint: choice(),
  idempotentHint: choice(),
  openWorldHint: choice(),
});

/** Section `aggregation`: how the tools of all backends become one list. */
export const aggregation = object({
  conflictResolution: requiredText(),
  conflictResolutionConfig: object({ prefixFormat: text(), priorityOrder: list(text()) }),
  tools: list(
    object({
      workload: requiredText(),
      filter: list(text()),
      overrides: map(object({ name: text(), description: text(), annotations })),
      excludeAll: flag(),
    }),
  ),
  excludeAllTools: flag(),
  defaultToolVisibility: text(),
});

const answerHandler = object({ action: text() });

const stepFields = {
  id: requiredText(),
  type: text(),
  tool: text(),
  arguments: freeForm(),
  condition: text(),
  dependsOn: list(text()),
  onError: object({ action: text(), retryCount: integer(), retryDelay: duration() }),
  message: text(),
  schema: freeForm(),
  timeout: duration(),
  onDecline: answerHandler,
  onCancel: answerHandler,
  defaultResults: freeForm(),
  collection: text(),
  itemVar: text(),
  maxParallel: integer(),
  maxIterations: integer(),
};

export interface OutputProperty {
  readonly type: string;
  readonly description: string;
  readonly value?: string;
  readonly properties?: Readonly<Record<string, OutputProperty>>;
  readonly default?: unknown;
}

const outputProperty: Shape<OutputProperty> = object({
  type: requiredText(),
  description: requiredText(),
  value: text(),
  properties: map(deferred(() => outputProperty)),
  default: anything(),
});

/** Item of `compositeTools`: a workflow of steps that clients see as one tool. */
export const compositeTool = object({
  name: requiredText(),
  description: text(),
  parameters: freeForm(),
  timeout: duration(),
  steps: always(list(object({ ...stepFields, step: object(stepFields) })), []),
  output: object({ properties: always(map(outputProperty), {}), required: list(text()) }),
  annotations,
});

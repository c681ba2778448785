import { rawObject } from '@trueup/core';
import { z } from 'zod';
import { toolAnnotationsSchema } from './tool-annotations-schema.js';

/** A span of time as Go writes it: `1h30m`, `500ms`. */
const duration = () => z.string().regex(/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/);

const answerHandler = z.object({
  action: z
    .enum(['skip_remaining', 'abort', 'continue'])
    .default('abort')
    .describe('Skips the other steps, gives up, or goes on.'),
});

const step = z.object({
  id: z.string().describe('Name of the step, unique within the tool.'),
  type: z
    .enum(['tool', 'elicitation', 'forEach'])
    .default('tool')
    .describe('Calls a tool, asks the user, or repeats a step for each item of a list.'),
  tool: z.string().optional().describe('Tool to call, as `<backend>.<tool>` or as it is advertised.'),
  arguments: rawObject().optional().describe('Arguments of the call; texts are templates.'),
  condition: z.string().optional().describe('Template that must give `true` for the step to run.'),
  dependsOn: z.array(z.string()).optional().describe('Steps that must have ended before.'),
  onError: z
    .object({
      action: z.enum(['abort', 'continue', 'retry']).default('abort').describe('Gives up, goes on, or tries again.'),
      retryCount: z.int().optional().describe('How often it is tried again.'),
      retryDelay: duration().optional().describe('How long to wait before that; 1s when absent.'),
    })
    .optional()
    .describe('What to do when the step fails.'),
  message: z.string().optional().describe('What the user is asked; a template.'),
  schema: rawObject().optional().describe('JSON Schema of the answer.'),
  timeout: duration().optional().describe('How long the step may take; 5m when absent.'),
  onDecline: answerHandler.optional().describe('What to do when the user says no.'),
  onCancel: answerHandler.optional().describe('What to do when the user turns away.'),
  defaultResults: z.unknown().optional().describe('Takes the place of the result when the step is skipped or fails.'),
  collection: z.string().optional().describe('Template that gives the JSON array to go through.'),
  itemVar: z.string().optional().describe('Name of the item in templates; `item` when absent.'),
  maxParallel: z.int().optional().describe('How many items are worked on at once; 10 when absent.'),
  maxIterations: z.int().optional().describe('How many items there may be; 100 when absent.'),
  step: rawObject().optional().describe('The step to repeat; it calls a tool.'),
});
export type CompositeToolStep = z.output<typeof step>;

const outputProperty = z.object({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'object', 'array']).describe('JSON type of the value.'),
  description: z.string().optional().describe('What the value is.'),
  value: z.string().optional().describe('Template that gives the value.'),
  properties: rawObject().optional().describe('Members of a value of type `object`, described the same way.'),
  default: z.unknown().optional().describe('The value when the template gives none.'),
});

/** A workflow of steps that clients see as one tool. */
export const compositeToolSchema = z.object({
  name: z.string().describe('Name of the tool, unique within the server.'),
  description: z.string().optional().describe('What it does, for clients.'),
  parameters: rawObject().optional().describe('JSON Schema of its arguments, of type `object`.'),
  timeout: duration().optional().describe('How long all steps together may take; 30m when absent.'),
  steps: z.array(step).describe('What it does, step by step.'),
  output: z
    .object({
      properties: z.record(z.string(), outputProperty).describe('Members of the result.'),
      required: z.array(z.string()).optional().describe('Members that are always there.'),
    })
    .optional()
    .describe('Makes a structured result; without it the result is that of the last step.'),
  annotations: toolAnnotationsSchema.optional().describe('Hints for clients.'),
});
export type CompositeTool = z.output<typeof compositeToolSchema>;

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { z } from 'zod';
import type { Json } from './json.js';

const json: z.ZodType<Json> = z.json();
const object = z.record(z.string(), json);

/** `0.5s`; milliseconds once read. */
const duration = z
  .string()
  .regex(/^\d+(\.\d+)?s$/)
  .transform((text) => Number(text.slice(0, -1)) * 1000);

/** A CustomResourceDefinition in short form; see the README. */
const definitionVersion = z.strictObject({
  name: z.string().optional(),
  served: z.boolean().optional(),
  storage: z.boolean().optional(),
  spec: object.optional(),
  status: object.optional(),
  root: object.optional(),
  subresources: object.optional(),
  columns: z.array(object).optional(),
  selectable: z.array(z.string()).optional(),
  deprecated: z.boolean().optional(),
  deprecationWarning: z.string().optional(),
});
export const definitionSchema = definitionVersion.extend({
  kind: z.string(),
  plural: z.string().optional(),
  group: z.string().optional(),
  scope: z.enum(['Namespaced', 'Cluster']).optional(),
  names: object.optional(),
  annotations: object.optional(),
  conversion: object.optional(),
  versions: z.array(definitionVersion).optional(),
});

/** How a webhook of the runner answers; see the README. */
export const webhookBehaviourSchema = z.strictObject({
  deny: object.optional(),
  patch: z.array(object).optional(),
  warnings: z.array(z.string()).optional(),
  uid: z.string().optional(),
  merge: z.record(z.string(), object).optional(),
  failure: z.string().optional(),
  delay: duration.optional(),
  httpStatus: z.number().optional(),
  raw: z.string().optional(),
});

/** A webhook configuration in short form. */
export const registrationSchema = z.strictObject({
  type: z.enum(['mutating', 'validating']),
  name: z.string(),
  hooks: z.array(z.looseObject({ hook: z.string(), url: z.string().optional(), rules: z.array(object) })),
});

const condition = z.strictObject({ status: z.number().optional(), paths: object.optional() });
const expectation = condition.extend({
  headers: z.record(z.string(), z.string()).optional(),
  warnings: z.array(z.string()).optional(),
  body: json.optional(),
  text: z.string().optional(),
  absent: z.array(z.string()).optional(),
});
const request = z.strictObject({
  /** `GET /path?query`. */
  request: z.string(),
  patch: z.enum(['json', 'merge', 'strategic', 'apply']).optional(),
  body: json.optional(),
  rawBody: z.string().optional(),
  hexBody: z.string().optional(),
  headers: z.record(z.string(), z.string().nullable()).optional(),
  auth: z.literal('none').optional(),
  bearer: z.string().optional(),
  until: condition.optional(),
  within: duration.optional(),
  expect: z.union([z.number(), expectation]).optional(),
  as: z.string().optional(),
  capture: z.record(z.string(), z.string()).optional(),
});
const watch = request.pick({ headers: true }).extend({
  watch: z.string(),
  as: z.string(),
  expect: expectation.pick({ status: true, headers: true }).optional(),
});
const events = z.strictObject({
  events: z.string(),
  count: z.number().optional(),
  until: z.enum(['bookmark', 'initial', 'close']).optional(),
  within: duration.optional(),
  atLeast: duration.optional(),
  unordered: z.literal(true).optional(),
  partial: z.literal(true).optional(),
  expect: z.array(object).optional(),
  as: z.string().optional(),
});
const outcome = z.strictObject({
  code: z.number().optional(),
  stdout: z.string().optional(),
  stderr: z.string().optional(),
});
const command = z.strictObject({
  exec: z.union([z.string(), z.array(z.string())]),
  stdin: json.optional(),
  background: z.literal(true).optional(),
  within: duration.optional(),
  expect: outcome.optional(),
  as: z.string().optional(),
});
const wait = z.strictObject({
  wait: z.string(),
  output: z.string().optional(),
  kill: z.literal(true).optional(),
  within: duration.optional(),
  expect: outcome.optional(),
});
const calls = z.strictObject({
  calls: z.string(),
  count: z.number(),
  partial: z.literal(true).optional(),
  expect: z.array(object).optional(),
});

const step = z.union([
  request,
  watch,
  events,
  z.strictObject({ close: z.string() }),
  z.strictObject({ concurrent: z.array(request), statuses: z.array(z.number()) }),
  command,
  wait,
  z.strictObject({ register: json }),
  calls,
  z.strictObject({ define: json }),
  z.strictObject({ established: z.string() }),
  z.strictObject({ settle: z.literal(true) }),
  z.strictObject({ sleep: duration }),
  z.strictObject({ compact: z.literal(true) }),
  z.strictObject({ fault: object }),
]);

const conformanceCase = z.strictObject({
  id: z.string(),
  title: z.string(),
  priority: z.enum(['P0', 'P1', 'P2']),
  source: z.enum(['recorded', 'reading']),
  why: z.string().optional(),
  note: z.string().optional(),
  features: z.array(z.string()).default([]),
  /** Whether it gets a namespace of its own. */
  namespace: z.boolean().default(true),
  use: z.array(z.string()).default([]),
  crds: z.array(json).default([]),
  webhooks: object.optional(),
  parallel: z.boolean().optional(),
  steps: z.array(step),
});
const caseFile = z.strictObject({ parallel: z.boolean(), cases: z.array(conformanceCase) });

export type DefinitionVersion = z.infer<typeof definitionVersion>;
export type WebhookBehaviour = z.infer<typeof webhookBehaviourSchema>;
export type Expectation = z.infer<typeof expectation>;
export type RequestStep = z.infer<typeof request>;
export type WatchStep = z.infer<typeof watch>;
export type EventsStep = z.infer<typeof events>;
export type CommandStep = z.infer<typeof command>;
export type WaitStep = z.infer<typeof wait>;
export type CallsStep = z.infer<typeof calls>;
export type Step = z.infer<typeof step>;
export type ConformanceCase = z.infer<typeof conformanceCase>;

export interface CaseFile {
  /** Without its ending: `04-crud`. */
  readonly name: string;
  readonly cases: readonly (ConformanceCase & { readonly parallel: boolean })[];
}

/** Reads the files of a folder in their order. A file that does not keep to the format fails with the place. */
export function readCaseFiles(folder: string): CaseFile[] {
  return readdirSync(folder)
    .sort()
    .map((file) => {
      const parsed = caseFile.safeParse(load(readFileSync(path.join(folder, file), 'utf8')));
      if (!parsed.success) throw new Error(`${file}: ${z.prettifyError(parsed.error)}`);
      const { parallel, cases } = parsed.data;
      return { name: path.basename(file, '.yaml'), cases: cases.map((one) => ({ parallel, ...one })) };
    });
}

/** CRDs that many cases use, by name. */
export function readFixtures(file: string): Readonly<Record<string, Json>> {
  return object.parse(load(readFileSync(file, 'utf8')));
}

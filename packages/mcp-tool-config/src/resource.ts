import {
  ageColumn,
  column,
  conditionColumn,
  defineKind,
  listSet,
  sharedConfigStatus,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';

const annotations = z.object({
  title: z.string().optional().describe('Title for people.'),
  readOnlyHint: z.boolean().optional().describe('The tool changes nothing.'),
  destructiveHint: z.boolean().optional().describe('The tool may remove or overwrite something.'),
  idempotentHint: z
    .boolean()
    .optional()
    .describe('Calling the tool again with the same arguments changes nothing more.'),
  openWorldHint: z.boolean().optional().describe('The tool reaches things outside its server.'),
});

const toolOverride = z.object({
  name: z.string().optional().describe('Name that clients see instead; the actual one when empty.'),
  description: z.string().optional().describe('Description that clients see instead; the actual one when empty.'),
  annotations: annotations
    .optional()
    .describe('Hints that clients see instead, one by one; false is a hint, too, and what is absent stays as it is.'),
});
export type ToolOverride = z.output<typeof toolOverride>;

/** Which tools of a server clients see, and how these are named and described. */
export const MCPToolConfig = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPToolConfig',
  shortNames: ['tc', 'toolconfig'],
  categories: ['toolhive'],
  description: 'A choice of tools with other names and descriptions, shared by the workloads that refer to it.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec: z.object({
    toolsFilter: listSet(
      z.array(
        z
          .string()
          .min(1)
          .regex(/^[^,\r\n]+$/),
      ),
    )
      .optional()
      .describe(
        'The tools that clients see, by the names they see: an overridden name counts, not the actual one. All when empty.',
      ),
    toolsOverride: z
      .record(z.string(), toolOverride)
      .optional()
      .describe('Other names, descriptions and hints, by the actual name of the tool.'),
  }),
  status: sharedConfigStatus(),
  columns: [conditionColumn('Valid'), column('References', '.status.referenceCount', { type: 'integer' }), ageColumn()],
});
export type MCPToolConfig = ObjectOf<typeof MCPToolConfig>;

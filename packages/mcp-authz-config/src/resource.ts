import {
  ageColumn,
  column,
  conditionColumn,
  defineKind,
  rawObject,
  sharedConfigStatus,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';

/** Who may call what, shared by the workloads that refer to it. */
export const MCPAuthzConfig = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPAuthzConfig',
  shortNames: ['authzcfg'],
  categories: ['toolhive'],
  description: 'Authorization: who may call what, shared by the workloads that refer to it.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec: z.object({
    // Not an enum: an application may register backends of its own.
    type: z
      .string()
      .min(1)
      .describe('The authorizer backend that decides; `cedarv1` and `httpv1` are built in, an operator may know more.'),
    config: rawObject().describe(
      'Settings of that backend, without an envelope of version and type; handed to it as they are.',
    ),
  }),
  status: sharedConfigStatus(),
  columns: [
    column('Type', '.spec.type'),
    conditionColumn('Valid'),
    column('References', '.status.referenceCount', { type: 'integer' }),
    ageColumn(),
  ],
});
export type MCPAuthzConfig = ObjectOf<typeof MCPAuthzConfig>;

import {
  ageColumn,
  atomic,
  column,
  conditionColumn,
  conditions,
  defineKind,
  int64,
  listSet,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';
import { compositeToolSchema } from './composite-tool-schema.js';

const status = z.object({
  validationStatus: z.enum(['Valid', 'Invalid', 'Unknown']).optional().describe('Whether the workflow can be used.'),
  validationErrors: atomic(z.array(z.string()))
    .optional()
    .describe('What is wrong with the workflow; empty when nothing is.'),
  referencingVirtualServers: listSet(z.array(z.string()))
    .optional()
    .describe('The VirtualMCPServers that refer to this workflow, by name.'),
  observedGeneration: int64().optional().describe('The generation of the spec that was last looked at.'),
  conditions: conditions().optional(),
});

/** A workflow that several VirtualMCPServers can offer as one tool. */
export const VirtualMCPCompositeToolDefinition = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'VirtualMCPCompositeToolDefinition',
  shortNames: ['vmcpctd', 'compositetool'],
  categories: ['toolhive'],
  description: 'A workflow of tool calls, questions to the user and loops, which clients see as one tool.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec: compositeToolSchema,
  status,
  columns: [
    column('Workflow', '.spec.name', { description: 'Workflow name' }),
    column('Status', '.status.validationStatus', { description: 'Validation status' }),
    ageColumn(),
    conditionColumn('Ready'),
  ],
});
export type VirtualMCPCompositeToolDefinition = ObjectOf<typeof VirtualMCPCompositeToolDefinition>;

import { createdAtColumn } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

/** Stored and served; nothing enforces them. */
export const resourceQuotas = defineBuiltin({
  definition: 'io.k8s.api.core.v1.ResourceQuota',
  group: '',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  subresources: { status: true },
  deleteReply: 'object',
});

export const limitRanges = defineBuiltin({
  definition: 'io.k8s.api.core.v1.LimitRange',
  group: '',
  plural: 'limitranges',
  shortNames: ['limits'],
  createOnUpdate: true,
  columns: [createdAtColumn],
});

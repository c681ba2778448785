import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { sharedConfigStatus } from './shared-config-status.js';
import { structuralSchema } from './zod-to-structural.js';

describe('sharedConfigStatus', () => {
  it('holds what the pattern writes, all of it optional', () => {
    const { properties, required } = structuralSchema(sharedConfigStatus(), 'Test', 'status');
    expect(required).toBeUndefined();
    expect(properties).toMatchObject({
      conditions: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'] },
      observedGeneration: { type: 'integer', format: 'int64' },
      configHash: { type: 'string' },
      referencingWorkloads: {
        items: { required: ['kind', 'name'] },
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['kind', 'name'],
      },
      referenceCount: { type: 'integer', format: 'int32' },
    });
  });

  it('bounds conditions as Kubernetes does', () => {
    const { properties } = structuralSchema(sharedConfigStatus(), 'Test', 'status');
    expect(properties?.['conditions']?.items).toMatchObject({
      required: ['type', 'status', 'lastTransitionTime', 'reason', 'message'],
      properties: {
        type: { maxLength: 316 },
        status: { enum: ['True', 'False', 'Unknown'] },
        observedGeneration: { format: 'int64', minimum: 0 },
        lastTransitionTime: { format: 'date-time' },
        reason: { minLength: 1, maxLength: 1024, pattern: '^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$' },
        message: { maxLength: 32768 },
      },
    });
  });

  it('takes further fields, but not in place of its own', () => {
    const status = sharedConfigStatus({ toolCount: z.int().optional(), configHash: z.int() });
    const { properties } = structuralSchema(status, 'Test', 'status');
    expect(properties).toMatchObject({ toolCount: { type: 'integer' }, configHash: { type: 'string' } });
  });

  it('types what it reads', () => {
    const status: z.output<ReturnType<typeof sharedConfigStatus>> = {
      referencingWorkloads: [{ kind: 'MCPServer', name: 'a' }],
    };
    // @ts-expect-error a hash is text
    const wrong: typeof status = { configHash: 5 };
    expect(status).not.toEqual(wrong);
  });
});

import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { ageColumn, column, conditionColumn } from './column.js';
import { customResourceDefinition } from './custom-resource-definition.js';
import { defineKind } from './define-kind.js';
import type { KindDefinition } from './kind.js';

const greeting = {
  group: 'example.dev',
  kind: 'Greeting',
  versions: { v1: {} },
  spec: z.object({ message: z.string() }),
} satisfies KindDefinition;

describe('customResourceDefinition', () => {
  it('is complete with the least that a kind says', () => {
    expect(customResourceDefinition(defineKind(greeting))).toEqual({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'greetings.example.dev' },
      spec: {
        group: 'example.dev',
        names: { kind: 'Greeting', listKind: 'GreetingList', plural: 'greetings', singular: 'greeting' },
        scope: 'Namespaced',
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: {
              openAPIV3Schema: {
                type: 'object',
                properties: {
                  apiVersion: { type: 'string', description: expect.any(String) },
                  kind: { type: 'string', description: expect.any(String) },
                  metadata: { type: 'object' },
                  spec: {
                    description: expect.any(String),
                    type: 'object',
                    properties: { message: { type: 'string' } },
                    required: ['message'],
                  },
                },
              },
            },
          },
        ],
      },
    });
  });

  it('says everything a kind can say', () => {
    const kind = defineKind({
      ...greeting,
      shortNames: ['gr'],
      categories: ['all'],
      description: 'Says something.',
      labels: { team: 'greeters' },
      scope: 'Cluster',
      versions: { v1alpha1: { served: false }, v1beta1: { deprecated: 'use v1' }, v1: { storage: true } },
      specRequired: true,
      status: z.object({ replicas: z.int().optional() }),
      columns: [column('Message', '.spec.message', { priority: 1 }), conditionColumn('Ready'), ageColumn()],
      selectableFields: ['.spec.message'],
      scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
    });
    const { metadata, spec } = customResourceDefinition(kind);
    expect(metadata.labels).toEqual({ team: 'greeters' });
    expect(spec.scope).toBe('Cluster');
    expect(spec.names).toMatchObject({ shortNames: ['gr'], categories: ['all'] });
    expect(
      spec.versions.map(({ name, served, storage, deprecated, deprecationWarning }) => [
        name,
        served,
        storage,
        deprecated,
        deprecationWarning,
      ]),
    ).toEqual([
      ['v1alpha1', false, false, undefined, undefined],
      ['v1beta1', true, false, true, 'use v1'],
      ['v1', true, true, undefined, undefined],
    ]);
    expect(spec.versions[2]).toMatchObject({
      schema: {
        openAPIV3Schema: {
          description: 'Says something.',
          required: ['spec'],
          properties: { status: { type: 'object' } },
        },
      },
      additionalPrinterColumns: [
        { name: 'Message', jsonPath: '.spec.message', type: 'string', priority: 1 },
        { name: 'Ready', jsonPath: ".status.conditions[?(@.type=='Ready')].status", type: 'string' },
        { name: 'Age', jsonPath: '.metadata.creationTimestamp', type: 'date' },
      ],
      selectableFields: [{ jsonPath: '.spec.message' }],
      subresources: {
        status: {},
        scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
      },
    });
    expect(spec.versions[0]?.schema).toEqual(spec.versions[2]?.schema);
  });

  it('lets a version have a schema and columns of its own', () => {
    const versions = {
      v1alpha1: { spec: z.object({ text: z.string() }), columns: [ageColumn()] },
      v1: { storage: true },
    };
    const [alpha, stable] = customResourceDefinition(defineKind({ ...greeting, versions })).spec.versions;
    expect(alpha?.schema.openAPIV3Schema.properties?.['spec']).toMatchObject({ required: ['text'] });
    expect(alpha?.additionalPrinterColumns).toHaveLength(1);
    expect(stable?.schema.openAPIV3Schema.properties?.['spec']).toMatchObject({ required: ['message'] });
    expect(stable?.additionalPrinterColumns).toBeUndefined();
  });

  it('comes out the same every time, to the byte', () => {
    const kind = defineKind({
      ...greeting,
      spec: z.object({ b: z.string().min(1).describe('B.'), a: z.string().describe('A.').min(1) }),
    });
    const text = JSON.stringify(customResourceDefinition(kind));
    expect(JSON.stringify(customResourceDefinition(kind))).toBe(text);
    expect(text).toContain('{"description":"B.","type":"string","minLength":1}');
    expect(text).toContain('{"description":"A.","type":"string","minLength":1}');
  });

  it('refuses a spec that is not an object', () => {
    const kind = defineKind({ ...greeting, spec: z.string() });
    expect(() => customResourceDefinition(kind)).toThrow('Greeting spec: must be a z.object(…)');
  });
});

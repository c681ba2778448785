import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { column } from './column.js';
import { defineKind } from './define-kind.js';
import { KindDefinitionError } from './kind-errors.js';
import type { KindDefinition, ObjectOf } from './kind.js';

const greeting = {
  group: 'example.dev',
  kind: 'Greeting',
  versions: { v1: {} },
  spec: z.object({ message: z.string(), loud: z.boolean().default(false) }),
} satisfies KindDefinition;

describe('defineKind', () => {
  it('derives what a client needs to find objects of the kind', () => {
    expect(defineKind(greeting).resource).toEqual({
      group: 'example.dev',
      version: 'v1',
      kind: 'Greeting',
      plural: 'greetings',
      namespaced: true,
    });
  });

  it('takes the stored version, given names and scope into account', () => {
    const versions = { v1beta1: {}, v1: { storage: true } };
    const kind = defineKind({ ...greeting, plural: 'salutations', scope: 'Cluster', versions });
    expect(kind.resource).toMatchObject({ version: 'v1', plural: 'salutations', namespaced: false });
  });

  it('gives objects the type of their schema, defaults filled in', () => {
    const status = z.object({ greeted: z.int().optional() });
    const Greeting = defineKind({ ...greeting, status });
    expect(Greeting.definition.status).toBe(status);
    const object: ObjectOf<typeof Greeting> = {
      apiVersion: 'example.dev/v1',
      kind: 'Greeting',
      metadata: { name: 'hello' },
      spec: { message: 'Hello', loud: true },
      status: { greeted: 3 },
    };
    // @ts-expect-error a string is not a boolean
    const wrong: ObjectOf<typeof Greeting> = { ...object, spec: { message: 'Hello', loud: 'yes' } };
    expect(wrong.spec.message).toBe(object.spec.message);
  });

  it.each<{ name: string; change: Partial<KindDefinition>; message: string }>([
    {
      name: 'a group without a dot',
      change: { group: 'example' },
      message: "Greeting group: 'example' must be a domain",
    },
    {
      name: 'a kind in lower case',
      change: { kind: 'greeting' },
      message: "greeting kind: 'greeting' must begin with a capital",
    },
    { name: 'a plural in upper case', change: { plural: 'Greetings' }, message: "Greeting plural: 'Greetings'" },
    { name: 'a bad short name', change: { shortNames: ['ok', 'not ok'] }, message: "Greeting shortNames[1]: 'not ok'" },
    { name: 'a bad category', change: { categories: ['All!'] }, message: "Greeting categories[0]: 'All!'" },
    { name: 'no version', change: { versions: {} }, message: 'Greeting versions: a kind needs a version' },
    { name: 'a bad version', change: { versions: { '1.0': {} } }, message: 'Greeting versions.1.0:' },
    {
      name: 'no stored version among several',
      change: { versions: { v1: {}, v2: {} } },
      message: 'mark the version that is stored',
    },
    {
      name: 'two stored versions',
      change: { versions: { v1: { storage: true }, v2: { storage: true } } },
      message: 'only one version is stored, not v1 and v2',
    },
    {
      name: 'a stored version that is not served',
      change: { versions: { v1: { served: false } } },
      message: 'Greeting versions.v1: the stored version',
    },
    {
      name: 'a column path without a dot',
      change: { columns: [column('Message', 'spec.message')] },
      message: "Greeting columns[0].jsonPath: 'spec.message' must begin with a dot",
    },
    {
      name: 'two columns of one name',
      change: { columns: [column('A', '.spec.a'), column('A', '.spec.b')] },
      message: "Greeting columns[1].name: there is already a column 'A'",
    },
    {
      name: 'a selectable field in the metadata',
      change: { selectableFields: ['.metadata.name'] },
      message: "Greeting selectableFields[0]: '.metadata.name'",
    },
  ])('refuses $name', ({ change, message }) => {
    const define = () => defineKind({ ...greeting, ...change });
    expect(define).toThrow(KindDefinitionError);
    expect(define).toThrow(
      expect.objectContaining({ code: 'ERR_KIND_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

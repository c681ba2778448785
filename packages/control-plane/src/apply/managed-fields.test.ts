import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { copyJson, freezeJson } from '../json.js';
import type { JsonObject, KubeObject, ManagedFieldsEntry } from '../object.js';
import type { Schema } from '../schema/schema.js';
import type { UpdateRequest } from './contract.js';
import { trackUpdate } from './managed-fields.js';

const string: Schema = { type: 'string' };
const schema: Schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      properties: {
        x: string,
        y: string,
        labels: { type: 'object', additionalProperties: string },
        plain: { type: 'array', items: string },
        set: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
        env: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', properties: { name: string, value: string } },
        },
        any: { 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', properties: { phase: string } },
  },
};

const time = (minute: number): Date => new Date(Date.UTC(2026, 0, 1, 12, minute));

const widget = (spec: JsonObject, metadata: JsonObject = {}): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', uid: 'u', ...metadata },
  spec,
});

/** Writes as a manager; the result is the next live object. */
const write = (
  manager: string,
  live: KubeObject | undefined,
  next: KubeObject,
  options: Partial<UpdateRequest> = {},
): KubeObject => {
  const draft = copyJson(next);
  trackUpdate({
    manager,
    apiVersion: 'example.com/v1',
    now: time(0),
    schema,
    custom: true,
    ignoredFields: ['status'],
    ...(live && { live: freezeJson(live) }),
    ...options,
    next: draft,
  });
  return draft;
};

/** Writes a new spec, and what the client read as managedFields with it. */
const writeSpec = (
  manager: string,
  live: KubeObject,
  spec: JsonObject,
  options: Partial<UpdateRequest> = {},
): KubeObject => write(manager, live, { ...live, spec }, options);

const entriesOf = (object: KubeObject): unknown[] =>
  (object.metadata.managedFields ?? []).map(({ manager, fieldsV1 }) => [manager, fieldsV1]);

describe('trackUpdate', () => {
  it('gives a new object to its creator, but for what names it or comes from the server', () => {
    const next = write('m1', undefined, {
      ...widget({
        x: '1',
        labels: { k: '1' },
        plain: ['p'],
        set: ['s'],
        env: [{ name: 'n', value: '1' }],
        any: { u: [1] },
      }),
      metadata: { name: 'a', labels: { l: '1' }, finalizers: ['f/a'] },
      status: { phase: 'P' },
    });

    expect(next.metadata.managedFields).toEqual([
      {
        manager: 'm1',
        operation: 'Update',
        apiVersion: 'example.com/v1',
        time: '2026-01-01T12:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:finalizers': { '.': {}, 'v:"f/a"': {} }, 'f:labels': { '.': {}, 'f:l': {} } },
          'f:spec': {
            '.': {},
            'f:any': { '.': {}, 'f:u': {} },
            'f:env': { '.': {}, 'k:{"name":"n"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
            'f:labels': { '.': {}, 'f:k': {} },
            'f:plain': {},
            'f:set': { '.': {}, 'v:"s"': {} },
            'f:x': {},
          },
        },
      },
    ]);
  });

  it('records nothing for an object without content', () => {
    expect(write('m1', undefined, { ...widget({}), spec: undefined }).metadata.managedFields).toBeUndefined();
  });

  it('starts a built-in kind from its empty struct, whose structs nobody owns', () => {
    const builtin: Schema = {
      type: 'object',
      properties: {
        spec: {
          type: 'object',
          default: {},
          required: ['list', 'template'],
          properties: {
            template: { type: 'object', default: {}, properties: { x: string } },
            list: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
            pointer: { type: 'object', properties: { x: string } },
          },
        },
      },
    };
    const spec = { template: { x: '1' }, list: ['a'], pointer: { x: '1' } };

    expect(entriesOf(write('m1', undefined, widget(spec), { schema: builtin, custom: false }))).toEqual([
      [
        'm1',
        { 'f:spec': { 'f:list': { 'v:"a"': {} }, 'f:pointer': { '.': {}, 'f:x': {} }, 'f:template': { 'f:x': {} } } },
      ],
    ]);
  });

  it('moves changed fields to the writer and drops removed ones', () => {
    const live = write('m1', undefined, widget({ x: '1', y: '1', set: ['a', 'b'] }));

    expect(entriesOf(writeSpec('m2', live, { x: '2', set: ['a', 'c'] }))).toEqual([
      ['m1', { 'f:spec': { '.': {}, 'f:set': { '.': {}, 'v:"a"': {} } } }],
      ['m2', { 'f:spec': { 'f:set': { 'v:"c"': {} }, 'f:x': {} } }],
    ]);
  });

  it('lets an entry go with its last field', () => {
    const live = writeSpec('m2', write('m1', undefined, widget({ x: '1' })), { x: '1', y: '1' });

    expect(entriesOf(writeSpec('m3', live, { x: '1' }))).toEqual([['m1', { 'f:spec': { '.': {}, 'f:x': {} } }]]);
  });

  it('changes nothing when nothing changes', () => {
    const live = write('m1', undefined, widget({ x: '1' }));

    expect(writeSpec('m2', live, { x: '1' }, { now: time(9) })).toEqual(live);
  });

  it('moves the time of the writer alone', () => {
    const live = writeSpec(
      'm2',
      write('m1', undefined, widget({ x: '1', y: '1' })),
      { x: '2', y: '1' },
      { now: time(1) },
    );
    const next = writeSpec('m2', live, { x: '3', y: '1' }, { now: time(2) });

    expect(next.metadata.managedFields?.map(({ manager, time: at }) => [manager, at])).toEqual([
      ['m1', '2026-01-01T12:00:00Z'],
      ['m2', '2026-01-01T12:02:00Z'],
    ]);
  });

  it('keeps one entry for a manager and version, and others for its subresources', () => {
    let live = write('m', undefined, widget({ x: '1' }));
    live = writeSpec('m', live, { x: '1', y: '1' });
    live = write('m', live, { ...live, status: { phase: 'P' } }, { subresource: 'status', ignoredFields: ['spec'] });
    live = writeSpec('m', live, { x: '2', y: '1' }, { apiVersion: 'example.com/v2' });

    expect(live.metadata.managedFields).toMatchObject([
      { apiVersion: 'example.com/v1', fieldsV1: { 'f:spec': { '.': {}, 'f:y': {} } } },
      { apiVersion: 'example.com/v1', subresource: 'status', fieldsV1: { 'f:status': { '.': {}, 'f:phase': {} } } },
      { apiVersion: 'example.com/v2', fieldsV1: { 'f:spec': { 'f:x': {} } } },
    ]);
  });

  it('calls a manager without a name unknown', () => {
    expect(entriesOf(write('', undefined, widget({ x: '1' })))).toEqual([['unknown', expect.anything()]]);
  });

  it('treats items with the same key as one field', () => {
    const live = write(
      'm1',
      undefined,
      widget({
        env: [
          { name: 'a', value: '1' },
          { name: 'a', value: '2' },
        ],
      }),
    );
    expect(entriesOf(live)).toEqual([['m1', { 'f:spec': { '.': {}, 'f:env': { '.': {}, 'k:{"name":"a"}': {} } } }]]);

    expect(entriesOf(writeSpec('m2', live, { env: [{ name: 'a', value: '1' }] }))).toEqual([
      ['m1', { 'f:spec': { '.': {}, 'f:env': {} } }],
      ['m2', { 'f:spec': { 'f:env': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:value': {} } } } }],
    ]);
  });

  it('follows a value that changes its form', () => {
    const live = write('m1', undefined, widget({ any: { a: '1', b: { c: '1' } } }));

    expect(entriesOf(writeSpec('m2', live, { any: 'text' }))).toEqual([
      ['m1', { 'f:spec': {} }],
      ['m2', { 'f:spec': { 'f:any': {} } }],
    ]);
  });

  it('puts appliers first, then the older entry, then the lesser name', () => {
    const entry = (manager: string, operation: 'Apply' | 'Update', minute: number): ManagedFieldsEntry => ({
      manager,
      operation,
      apiVersion: 'example.com/v1',
      time: time(minute).toISOString(),
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:x': {} } },
    });
    const managedFields = [
      entry('b', 'Update', 1),
      entry('a', 'Update', 2),
      entry('a', 'Update', 1),
      entry('z', 'Apply', 9),
    ];
    const distinct = managedFields.map((each, index) => (index === 1 ? { ...each, subresource: 'status' } : each));

    const next = writeSpec('m', widget({ x: '1' }, { managedFields: distinct }), { x: '1' });

    expect(next.metadata.managedFields?.map(({ manager, time: at }) => `${manager} ${at}`)).toEqual([
      'z 2026-01-01T12:09:00Z',
      'a 2026-01-01T12:01:00Z',
      'b 2026-01-01T12:01:00Z',
      'a 2026-01-01T12:02:00Z',
    ]);
  });

  it('merges the oldest entries when more than ten have updated', () => {
    let live = write('m00', undefined, widget({ labels: {} }));
    const labels: Record<string, string> = {};
    for (let index = 1; index <= 11; index++) {
      const manager = `m${String(index).padStart(2, '0')}`;
      labels[manager] = '1';
      live = writeSpec(manager, live, { labels: { ...labels } }, { now: time(index) });
    }

    const entries = live.metadata.managedFields ?? [];
    expect(entries).toHaveLength(10);
    expect(entries[0]).toEqual({
      manager: 'ancient-changes',
      operation: 'Update',
      apiVersion: 'example.com/v1',
      time: '2026-01-01T12:02:00Z',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { '.': {}, 'f:labels': { '.': {}, 'f:m01': {}, 'f:m02': {} } } },
    });
    expect(entries[1]?.manager).toBe('m03');
  });
});

describe('managedFields that a client sends', () => {
  const live = (): KubeObject => write('m1', undefined, widget({ x: '1' }));
  const send = (managedFields: unknown, options: Partial<UpdateRequest> = {}): KubeObject => {
    const stored = live();
    const next = widget({ x: '2' }, managedFields === undefined ? {} : { managedFields });
    return write('m2', stored, next, options);
  };
  const tracked = [
    ['m1', { 'f:spec': {} }],
    ['m2', { 'f:spec': { 'f:x': {} } }],
  ];

  it.each([
    ['are absent', undefined],
    ['are null', null],
    ['have no operation', [{ manager: 'm', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: {} }]],
    ['have no apiVersion', [{ manager: 'm', operation: 'Update', fieldsType: 'FieldsV1', fieldsV1: {} }]],
    ['have another fieldsType', [{ manager: 'm', operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV2' }]],
    ['have malformed fields', [{ operation: 'Update', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1: { x: {} } }]],
    ['are no list', { a: 1 }],
  ])('count as the stored ones when they %s', (_, managedFields) => {
    expect(entriesOf(send(managedFields))).toEqual(tracked);
  });

  it('replace the stored ones', () => {
    const entry = {
      manager: 'm9',
      operation: 'Apply',
      apiVersion: 'v1',
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:spec': { 'f:y': {} } },
    };

    expect(entriesOf(send([entry]))).toEqual([
      ['m9', { 'f:spec': { 'f:y': {} } }],
      ['m2', { 'f:spec': { 'f:x': {} } }],
    ]);
  });

  it('clear them as [{}], and then nobody is recorded until the next apply', () => {
    const cleared = send([{}]);
    expect(cleared.metadata.managedFields).toBeUndefined();

    expect(writeSpec('m3', cleared, { x: '3' }).metadata.managedFields).toBeUndefined();
  });

  it('clear them as [] in built-in kinds only', () => {
    expect(send([], { custom: false }).metadata.managedFields).toBeUndefined();
    expect(entriesOf(send([], { custom: true }))).toEqual(tracked);
  });

  it('do not count on a subresource', () => {
    expect(entriesOf(send([{}], { subresource: 'scale', ignoredFields: [] }))).toEqual(tracked);
  });
});

describe('trackUpdate, generally', () => {
  it('takes any JSON without failing, and without touching the live object', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (spec, metadata, managedFields) => {
        const live = { ...widget({}), spec, metadata: { uid: 'u', managedFields } } as unknown as KubeObject;
        const next = { ...widget({}), spec: managedFields, metadata } as unknown as KubeObject;
        expect(() => write('m', live, next)).not.toThrow();
        expect(() => write('m', undefined, { ...next, spec })).not.toThrow();
      }),
    );
  });

  it('leaves no field with two updaters, and owns all that was written', () => {
    const fields = fc.record(
      {
        x: fc.constantFrom('1', '2'),
        labels: fc.dictionary(fc.constantFrom('a', 'b'), fc.constantFrom('1', '2')),
        set: fc.uniqueArray(fc.constantFrom('a', 'b')),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('m1', 'm2', 'm3'), fields), { minLength: 1 }), (writes) => {
        let live: KubeObject | undefined;
        for (const [manager, spec] of writes) {
          live = write(manager, live, { ...(live ?? widget({})), spec });
          if (live.metadata.managedFields === undefined) return;
        }
        const owned = (live?.metadata.managedFields ?? []).flatMap(({ fieldsV1 }) => leavesOf(fieldsV1));
        expect(new Set(owned).size).toBe(owned.length);
        const spec = live?.['spec'];
        expect(new Set(owned)).toEqual(
          new Set(leavesOf(write('all', undefined, widget(Object(spec))).metadata.managedFields?.[0]?.fieldsV1)),
        );
      }),
    );
  });
});

function leavesOf(fieldsV1: unknown, path = ''): string[] {
  const entries = Object.entries(Object(fieldsV1));
  if (entries.length === 0) return [path];
  return entries.flatMap(([key, below]) => (key === '.' ? [path] : leavesOf(below, `${path}/${key}`)));
}

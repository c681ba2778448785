import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { copyJson, freezeJson } from '../json.js';
import type { JsonObject, KubeObject } from '../object.js';
import type { Schema } from '../schema/schema.js';
import { StatusError } from '../status-error.js';
import { applyPatch } from './apply.js';
import type { ApplyRequest } from './contract.js';
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
        frozen: { type: 'object', additionalProperties: string, 'x-kubernetes-map-type': 'atomic' },
        plain: { type: 'array', items: string },
        set: { type: 'array', items: string, 'x-kubernetes-list-type': 'set' },
        list: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', properties: { name: string, x: string, y: string } },
        },
        free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    status: { type: 'object', properties: { phase: string } },
  },
};

const NOON = new Date('2026-01-01T12:00:00.789Z');
const LATER = new Date('2026-01-01T13:00:00Z');

const widget = (spec: JsonObject, metadata: JsonObject = {}): KubeObject => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: 'a', ...metadata },
  spec,
});

const request = (manager: string, patch: KubeObject, options: Partial<ApplyRequest> = {}): ApplyRequest => ({
  manager,
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  now: NOON,
  schema,
  custom: true,
  patch,
  force: false,
  ignoredFields: ['status'],
  ...options,
});

/** Applies to a live object as the server would hand it over, frozen; checks that it stays untouched. */
const apply = (manager: string, live: KubeObject | undefined, spec: JsonObject, options: Partial<ApplyRequest> = {}) =>
  applyPatch(request(manager, freezeJson(widget(spec)), { ...(live && { live: freezeJson(live) }), ...options }));

const update = (manager: string, live: KubeObject, spec: JsonObject): KubeObject => {
  const next = { ...copyJson(live), spec };
  trackUpdate({ ...request(manager, next), live, next });
  return next;
};

const ownersOf = (object: KubeObject): Record<string, unknown> =>
  Object.fromEntries(
    (object.metadata.managedFields ?? []).map(({ manager, operation, fieldsV1 }) => [
      `${manager} ${operation}`,
      fieldsV1,
    ]),
  );

const failureOf = (action: () => unknown): StatusError => {
  try {
    action();
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
  throw new Error('it did not fail');
};

describe('applyPatch', () => {
  it('creates an object that its manager owns as far as it mentions it', () => {
    const created = apply('m1', undefined, {
      x: '1',
      labels: { k: '1' },
      list: [{ name: 'a', x: '1' }],
      set: ['s'],
      plain: [],
    });

    expect(created).toEqual({
      ...widget({ x: '1', labels: { k: '1' }, list: [{ name: 'a', x: '1' }], set: ['s'], plain: [] }),
      metadata: {
        name: 'a',
        managedFields: [
          {
            manager: 'm1',
            operation: 'Apply',
            apiVersion: 'example.com/v1',
            time: '2026-01-01T12:00:00Z',
            fieldsType: 'FieldsV1',
            fieldsV1: {
              'f:spec': {
                'f:labels': { 'f:k': {} },
                'f:list': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:x': {} } },
                'f:plain': {},
                'f:set': { 'v:"s"': {} },
                'f:x': {},
              },
            },
          },
        ],
      },
    });
  });

  it('changes nothing when the same is applied again, force or not', () => {
    const live = apply('m1', undefined, { x: '1', list: [{ name: 'a' }] });

    expect(apply('m1', live, { x: '1', list: [{ name: 'a' }] }, { now: LATER })).toEqual(live);
    expect(apply('m1', live, { x: '1', list: [{ name: 'a' }] }, { now: LATER, force: true })).toEqual(live);
  });

  it('removes what its manager leaves out and nobody else owns', () => {
    const live = apply('m2', apply('m1', undefined, { x: '1', y: '1', labels: { k: '1', l: '2' } }), { y: '1' });

    const next = apply('m1', live, { labels: { l: '2' } }, { now: LATER });

    expect(next['spec']).toEqual({ y: '1', labels: { l: '2' } });
    expect(ownersOf(next)).toEqual({
      'm1 Apply': { 'f:spec': { 'f:labels': { 'f:l': {} } } },
      'm2 Apply': { 'f:spec': { 'f:y': {} } },
    });
  });

  it('removes list items by their key, and keeps what others put into them', () => {
    let live = apply('m1', undefined, { list: [{ name: 'a', x: '1' }, { name: 'b' }], set: ['s'] });
    live = apply('m2', live, { list: [{ name: 'a', y: '2' }], set: ['t'] });

    const next = apply('m1', live, { set: [] });

    expect(next['spec']).toEqual({ list: [{ name: 'a', y: '2' }], set: ['t'] });
  });

  it('leaves alone what an update added, and what nobody owns', () => {
    let live = apply('m1', undefined, { x: '1', list: [{ name: 'a', x: '1' }] });
    live = update('editor', live, { x: '1', y: 'edited', list: [{ name: 'a', x: '1' }, { name: 'b' }] });
    live = { ...live, spec: { ...Object(live['spec']), labels: { defaulted: '1' } } };

    const next = apply('m1', live, {});

    expect(next['spec']).toEqual({ y: 'edited', list: [{ name: 'b' }], labels: { defaulted: '1' } });
  });

  it('keeps the order of the server for its items and that of the configuration for others', () => {
    const live = apply('m1', undefined, { list: ['a', 'b', 'c'].map((name) => ({ name })) });

    const next = apply('m2', live, { list: ['z', 'c', 'a'].map((name) => ({ name })) });

    expect(next['spec']).toEqual({ list: ['b', 'z', 'c', 'a'].map((name) => ({ name })) });
  });

  it('answers 409 naming who owns which field', () => {
    const live = apply('m1', undefined, { x: '1', list: [{ name: 'a', x: '1' }] });

    const error = failureOf(() => apply('m2', live, { list: [{ name: 'a', x: '2' }] }));

    expect(error.toStatus()).toEqual({
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'Apply failed with 1 conflict: conflict with "m1": .spec.list[name="a"].x',
      reason: 'Conflict',
      details: {
        causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "m1"', field: '.spec.list[name="a"].x' }],
      },
      code: 409,
    });
  });

  it('groups conflicts by manager, and says what kind of manager it is', () => {
    let live = apply('m1', undefined, { x: '1', plain: ['a'] });
    live = update('editor', live, { x: '1', plain: ['a'], y: '1', frozen: { k: '1' } });

    const error = failureOf(() => apply('m2', live, { x: '2', y: '2', plain: ['b'], frozen: { l: '1' } }));

    expect(error.message).toBe(
      [
        'Apply failed with 4 conflicts: conflicts with "editor" using example.com/v1:',
        '- .spec.frozen',
        '- .spec.y',
        'conflicts with "m1":',
        '- .spec.plain',
        '- .spec.x',
      ].join('\n'),
    );
    expect(error.details?.causes?.map(({ message }) => message)).toEqual([
      'conflict with "editor" using example.com/v1',
      'conflict with "editor" using example.com/v1',
      'conflict with "m1"',
      'conflict with "m1"',
    ]);
  });

  it('takes conflicting fields from their owners when it is forced', () => {
    const live = apply('m1', undefined, { x: '1', y: '1' });

    const next = apply('m2', live, { x: '2' }, { force: true });

    expect(next['spec']).toEqual({ x: '2', y: '1' });
    expect(ownersOf(next)).toEqual({
      'm1 Apply': { 'f:spec': { 'f:y': {} } },
      'm2 Apply': { 'f:spec': { 'f:x': {} } },
    });
  });

  it('shares equal values; the entry of one who changes nothing has no time', () => {
    const next = apply('m2', apply('m1', undefined, { x: '1' }), { x: '1' });

    expect(next.metadata.managedFields?.map(({ manager, time }) => [manager, time])).toEqual([
      ['m2', undefined],
      ['m1', '2026-01-01T12:00:00Z'],
    ]);
  });

  it('drops and does not own what the endpoint does not write', () => {
    const patch = { ...widget({ x: '1' }), status: { phase: 'P' } };
    const created = applyPatch(request('m1', patch));

    expect(created['status']).toBeUndefined();
    expect(ownersOf(created)).toEqual({ 'm1 Apply': { 'f:spec': { 'f:x': {} } } });
  });

  it('keeps what a manager applies through a subresource apart', () => {
    const live = apply('m1', undefined, { x: '1' });
    const status = (manager: string, phase: string): ApplyRequest => ({
      ...request(manager, { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name: 'a' }, status: { phase } }),
      subresource: 'status',
      ignoredFields: ['spec'],
    });
    const next = applyPatch({ ...status('m1', 'P'), live });

    expect(next.metadata.managedFields?.map(({ subresource, fieldsV1 }) => [subresource, fieldsV1])).toEqual([
      [undefined, { 'f:spec': { 'f:x': {} } }],
      ['status', { 'f:status': { 'f:phase': {} } }],
    ]);
    expect(apply('m1', next, { y: '1' })['status']).toEqual({ phase: 'P' });
    expect(failureOf(() => applyPatch({ ...status('m2', 'Q'), live: next })).message).toBe(
      'Apply failed with 1 conflict: conflict with "m1" with subresource "status": .status.phase',
    );
  });

  it('owns labels, annotations and finalizers one by one and owner references whole', () => {
    const owner = { apiVersion: 'v1', kind: 'K', name: 'o', uid: 'u1' };
    const metadata = { labels: { k: '1' }, annotations: { n: '1' }, finalizers: ['f/a'], ownerReferences: [owner] };
    const live = applyPatch(request('m1', widget({}, metadata)));

    expect(ownersOf(live)).toEqual({
      'm1 Apply': {
        'f:metadata': {
          'f:annotations': { 'f:n': {} },
          'f:finalizers': { 'v:"f/a"': {} },
          'f:labels': { 'f:k': {} },
          'f:ownerReferences': { 'k:{"uid":"u1"}': {} },
        },
        'f:spec': {},
      },
    });
    expect(apply('m1', live, {}).metadata).toEqual({ name: 'a', managedFields: expect.anything() });
  });

  it('deduces types where unknown fields are kept: objects by key, lists whole', () => {
    const live = apply('m1', undefined, { free: { a: { b: 1 }, list: [{ name: 'x' }] } });

    expect(ownersOf(apply('m2', live, { free: { a: { c: 2 } } }))).toEqual({
      'm1 Apply': { 'f:spec': { 'f:free': { 'f:a': { '.': {}, 'f:b': {} }, 'f:list': {} } } },
      'm2 Apply': { 'f:spec': { 'f:free': { 'f:a': { '.': {}, 'f:c': {} } } } },
    });
    expect(failureOf(() => apply('m2', live, { free: { list: [] } })).message).toContain(': .spec.free.list');
  });

  it('gives what an unmanaged object has to a manager of its own before the first apply', () => {
    const live = widget({ x: '1', y: '1' }, { uid: 'u' });

    const next = apply('m1', live, { x: '1' });

    expect(ownersOf(next)).toEqual({
      'm1 Apply': { 'f:spec': { 'f:x': {} } },
      'before-first-apply Update': { 'f:spec': { '.': {}, 'f:x': {}, 'f:y': {} } },
    });
    expect(failureOf(() => apply('m1', next, { x: '2' })).message).toContain('"before-first-apply" using');
  });

  it('owns a list or map whole that its schema has made atomic since', () => {
    const granular = apply('m1', undefined, { labels: { k: '1' }, list: [{ name: 'a' }] });
    const spec: Schema = {
      type: 'object',
      properties: {
        labels: { type: 'object', additionalProperties: string, 'x-kubernetes-map-type': 'atomic' },
        list: { type: 'array', items: { type: 'object', properties: { name: string } } },
        x: string,
      },
    };

    const next = apply('m2', granular, { x: '1' }, { schema: { type: 'object', properties: { spec } } });

    expect(ownersOf(next)['m1 Apply']).toEqual({ 'f:spec': { 'f:labels': {}, 'f:list': {} } });
  });

  it('follows an applier from one version to another', () => {
    const versions = {
      inVersion: (object: KubeObject, apiVersion: string) => ({ object: { ...object, apiVersion }, schema }),
    };
    const live = { ...apply('m1', undefined, { x: '1' }), apiVersion: 'example.com/v2' };
    const patch = { ...widget({ y: '1' }), apiVersion: 'example.com/v2' };

    const next = applyPatch({ ...request('m1', patch), ...versions, live, apiVersion: 'example.com/v2' });

    expect(next['spec']).toEqual({ y: '1' });
    expect(next.metadata.managedFields).toMatchObject([{ manager: 'm1', apiVersion: 'example.com/v2' }]);
  });

  it('forgets managers of versions that are no longer served', () => {
    const live = apply('m1', undefined, { x: '1' });
    const [entry] = live.metadata.managedFields ?? [];
    live.metadata.managedFields = [{ ...entry, apiVersion: 'example.com/v0' }];

    const next = apply('m2', live, { y: '1' }, { inVersion: () => undefined });

    expect(next['spec']).toEqual({ x: '1', y: '1' });
    expect(ownersOf(next)).toEqual({ 'm2 Apply': { 'f:spec': { 'f:y': {} } } });
  });

  it.each([
    [{ kind: 'Widget', metadata: {} }, 400, 'invalid object type: /, Kind=Widget'],
    [{ apiVersion: 'example.com/v1', metadata: {} }, 400, 'invalid object type: example.com/v1, Kind='],
    [{ apiVersion: 'v1', kind: 'Widget', metadata: {} }, 400, 'invalid object type: /v1, Kind=Widget'],
    [widget({}, { managedFields: [] }), 400, 'metadata.managedFields must be nil'],
    [
      widget({ nope: 1 }),
      500,
      'failed to create typed patch object (/a; example.com/v1, Kind=Widget): .spec.nope: field not declared in schema',
    ],
    [
      widget({ x: 1, set: ['a', 'a'] }, { namespace: 'n' }),
      500,
      'failed to create typed patch object (n/a; example.com/v1, Kind=Widget): errors:\n  .spec.x: expected string, got &value.valueUnstructured{Value:1}\n  .spec.set: duplicate entries for key [="a"]',
    ],
  ])('refuses %j with %d', (patch, code, message) => {
    const error = failureOf(() => applyPatch(request('m1', patch as KubeObject)));

    expect(error).toMatchObject({ code, message });
  });

  it('ends with null where the last key of a map is removed, for validation to refuse, as the API server does', () => {
    const live = apply('m1', undefined, { labels: { k: '1' } });

    expect(apply('m1', live, { labels: {} })['spec']).toEqual({ labels: null });
  });
});

describe('applyPatch as kubectl', () => {
  const ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';
  const clientSide = (): KubeObject => {
    const annotations = { [ANNOTATION]: JSON.stringify(widget({ x: '1', y: '1' })) };
    const next = widget({ x: '1', y: '1' }, { annotations });
    trackUpdate({ ...request('kubectl-client-side-apply', next), next });
    next.metadata.uid = 'u';
    return next;
  };

  it('takes over what client-side apply had set, and keeps its annotation in step', () => {
    const next = apply('kubectl', clientSide(), { x: '2' });

    expect(next['spec']).toEqual({ x: '2', y: '1' });
    expect(next.metadata.annotations?.[ANNOTATION]).toBe(
      '{"apiVersion":"example.com/v1","kind":"Widget","metadata":{"name":"a"},"spec":{"x":"2"}}\n',
    );
    expect(ownersOf(next)['kubectl Apply']).toEqual({ 'f:spec': { 'f:x': {} } });
  });

  it('does not take what somebody has changed since', () => {
    const edited = update('editor', clientSide(), { x: 'edited', y: '1' });

    expect(failureOf(() => apply('kubectl', edited, { x: '2', y: '2' })).message).toBe(
      'Apply failed with 1 conflict: conflict with "editor" using example.com/v1: .spec.x',
    );
  });

  it('is a right of that manager alone', () => {
    expect(failureOf(() => apply('other', clientSide(), { x: '2' })).code).toBe(409);
  });
});

describe('applyPatch, generally', () => {
  const value = fc.constantFrom('1', '2');
  const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 });
  const object = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });
  const items = names.chain((all) =>
    fc.tuple(...all.map((name) => object({ x: value, y: value }).map((rest) => ({ name, ...rest })))),
  );
  const spec: fc.Arbitrary<JsonObject> = object({
    x: value,
    y: value,
    labels: object({ a: value, b: value }),
    frozen: object({ a: value }),
    plain: names,
    set: names,
    list: items,
    free: fc.oneof(object({ a: object({ b: value }), c: value }), fc.constant({})),
  });
  const withoutTimes = (live: KubeObject): unknown => ({
    ...live,
    metadata: { ...live.metadata, managedFields: live.metadata.managedFields?.map(({ time: _, ...entry }) => entry) },
  });

  it('changes nothing when a configuration is applied twice', () => {
    fc.assert(
      fc.property(spec, spec, (before, configuration) => {
        const live = apply('m2', apply('m1', undefined, before), configuration, { force: true });
        expect(apply('m2', live, configuration, { now: LATER })).toEqual(live);
        expect(withoutTimes(apply('m2', live, configuration, { now: LATER, force: true }))).toEqual(withoutTimes(live));
      }),
    );
  });

  it('keeps two configurations that have no field in common', () => {
    fc.assert(
      fc.property(spec, spec, (first, second) => {
        const left = { labels: first['labels'] ?? {}, list: first['list'] ?? [], x: '1' };
        const right = { free: second['free'] ?? {}, set: second['set'] ?? [], y: '1' };

        const next = apply('m2', apply('m1', undefined, left), right);

        expect(next['spec']).toEqual({ ...left, ...right });
        expect(Object.keys(ownersOf(next))).toEqual(['m1 Apply', 'm2 Apply']);
      }),
    );
  });

  it('has what it applied, whatever was there before', () => {
    fc.assert(
      fc.property(spec, spec, (before, configuration) => {
        const next = apply('m2', apply('m1', undefined, before), configuration, { force: true });
        const alone = apply('m2', undefined, configuration);
        expect(ownersOf(next)['m2 Apply']).toEqual(ownersOf(alone)['m2 Apply']);
        const conflicts = (): unknown => apply('m2', next, configuration);
        expect(conflicts).not.toThrow();
      }),
    );
  });

  it('fails with a StatusError or not at all, whatever JSON it is given', () => {
    const outcome = (action: () => unknown): void => {
      try {
        action();
      } catch (error) {
        expect(error).toBeInstanceOf(StatusError);
      }
    };
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), spec, (metadata, any, entries, before) => {
        const patch = { ...widget({}), metadata, spec: any } as unknown as KubeObject;
        const live = apply('m1', undefined, before);
        outcome(() => applyPatch(request('m2', patch)));
        outcome(() => applyPatch(request('m2', patch, { live })));
        outcome(() => applyPatch(request('m2', widget(before), { live: { ...live, spec: any } })));
        const managed = { ...live, metadata: { ...live.metadata, managedFields: entries } } as unknown as KubeObject;
        outcome(() => applyPatch(request('m2', widget({ x: '9' }), { live: managed })));
      }),
    );
  });
});

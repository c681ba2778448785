import { describe, expect, it } from '@jest/globals';
import type { ObjectMeta } from '../object.js';
import { metaWarnings, validateObjectMeta } from './object-meta.js';

const SUBDOMAIN = `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')`;

function errorsOf(meta: ObjectMeta, old?: ObjectMeta): string[] {
  const errors = validateObjectMeta(
    { name: 'a', namespace: 'n', ...meta },
    { namespaced: true, names: 'subdomain', ...(old === undefined ? {} : { old }) },
  );
  return errors.map(({ field, detail }) => `${field}: ${detail}`);
}

describe('validateObjectMeta', () => {
  it.each<[string, ObjectMeta, string[]]>([
    ['a missing name', { name: '' }, ['metadata.name: Required value: name or generateName is required']],
    ['a bad name', { name: 'A_b' }, [`metadata.name: Invalid value: "A_b": ${SUBDOMAIN}`]],
    ['a bad base of a name', { generateName: 'A' }, [`metadata.generateName: Invalid value: "A": ${SUBDOMAIN}`]],
    [
      'a label key with an empty prefix',
      { labels: { '/x': '' } },
      ['metadata.labels: Invalid value: "/x": prefix part must be non-empty'],
    ],
    [
      'long label values',
      { labels: { x: 'a'.repeat(64) } },
      [`metadata.labels: Invalid value: "${'a'.repeat(64)}": must be no more than 63 characters`],
    ],
    [
      'too many annotations',
      { annotations: { a: 'x'.repeat(262_144) } },
      ['metadata.annotations: Too long: may not be more than 262144 bytes'],
    ],
    [
      'conflicting finalizers',
      { finalizers: ['orphan', 'foregroundDeletion'] },
      [
        'metadata.finalizers: Invalid value: ["orphan","foregroundDeletion"]: finalizer orphan and foregroundDeletion cannot be both set',
      ],
    ],
    [
      'an operation of managedFields',
      { managedFields: [{ manager: 'm' }] },
      ['metadata.managedFields[0].operation: Invalid value: "": must be `Apply` or `Update`'],
    ],
  ])('refuses %s', (_, meta, errors) => {
    expect(errorsOf(meta)).toEqual(errors);
  });

  it('accepts a base of a generated name that ends in a dash', () => {
    expect(errorsOf({ generateName: 'x-' })).toEqual([]);
  });

  it('allows one controller among the owners', () => {
    const owner = (name: string) => ({ apiVersion: 'g/v1', kind: 'K', name, uid: `u-${name}`, controller: true });

    expect(errorsOf({ ownerReferences: [owner('a'), owner('b')] })).toEqual([
      'metadata.ownerReferences: Invalid value: [{"apiVersion":"g/v1","kind":"K","name":"a","uid":"u-a","controller":true},{"apiVersion":"g/v1","kind":"K","name":"b","uid":"u-b","controller":true}]: Only one reference can have Controller set to true. Found "true" in references for K/a and K/b',
    ]);
  });

  it('compares what an update must not change', () => {
    const old = {
      name: 'a',
      namespace: 'n',
      uid: 'u',
      resourceVersion: '1',
      deletionTimestamp: '2020-01-01T00:00:00Z',
    };

    expect(errorsOf({ ...old, uid: 'v', finalizers: ['x.y/z'], resourceVersion: '' }, old)).toEqual([
      'metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.y/z"}',
      'metadata.resourceVersion: Invalid value: "": must be specified for an update',
      'metadata.uid: Invalid value: "v": field is immutable',
    ]);
  });

  it('refuses a namespace on cluster-scoped objects', () => {
    expect(validateObjectMeta({ name: 'a', namespace: 'n' }, { namespaced: false, names: 'subdomain' })).toEqual([
      { type: 'FieldValueForbidden', field: 'metadata.namespace', detail: 'Forbidden: not allowed on this type' },
    ]);
  });

  it.each([
    ['label', 'a.b', 'must not contain dots'],
    ['label-1035', '1a', expect.stringMatching(/^a DNS-1035 label/)],
    ['path-segment', 'a/b', `may not contain '/'`],
    ['path-segment', '..', `may not be '..'`],
  ] as const)('knows names of the rule %s', (names, name, problem) => {
    const [error] = validateObjectMeta({ name }, { namespaced: false, names });

    expect(error?.detail.replace(/^Invalid value: "[^"]*": /, '')).toEqual(problem);
  });
});

describe('metaWarnings', () => {
  it('warns about new finalizers of custom resources without a domain', () => {
    const meta = { finalizers: ['bare', 'with.dot', 'x.y/z', 'kubernetes', 'known'] };

    expect(metaWarnings(meta, { custom: true, old: { finalizers: ['known'] } })).toEqual([
      'metadata.finalizers: "bare": prefer a domain-qualified finalizer name to avoid accidental conflicts with other finalizer writers',
      'metadata.finalizers: "with.dot": prefer a domain-qualified finalizer name including a path (/) to avoid accidental conflicts with other finalizer writers',
    ]);
    expect(metaWarnings(meta, { custom: false })).toEqual([]);
  });
});

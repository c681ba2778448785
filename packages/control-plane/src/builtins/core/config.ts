import type { JsonObject, KubeObject } from '../../object.js';
import { equalJson } from '../../json.js';
import { forbidden, invalid, required } from '../../schema/field-error.js';
import { key } from '../../schema/field-path.js';
import type { FieldError } from '../../status-error.js';
import { booleanAt, ensureObjectAt, objectAt, objectsAt, setDefault, stringAt } from '../../access.js';
import { ageColumn, column } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

const IMMUTABLE = 'field is immutable when `immutable` is set';
const MAX_SIZE_BYTES = 1024 * 1024;

export const configMaps = defineBuiltin({
  definition: 'io.k8s.api.core.v1.ConfigMap',
  group: '',
  plural: 'configmaps',
  shortNames: ['cm'],
  columns: [column('Data', (object) => count(object, 'data') + count(object, 'binaryData')), ageColumn],
  validate(next, old) {
    const binaryData = objectAt(next, 'binaryData');
    const shared = Object.keys(objectAt(next, 'data')).filter((name) => Object.hasOwn(binaryData, name));
    return [
      ...keyErrors(next, 'data'),
      ...shared.map((name) => invalid(key('data', name), name, 'duplicate of key present in binaryData')),
      ...keyErrors(next, 'binaryData'),
      ...(old === undefined ? [] : immutableErrors(next, old, ['data', 'binaryData'])),
    ];
  },
});

/** What a Secret of some type must contain. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  'kubernetes.io/tls': ['tls.crt', 'tls.key'],
  'kubernetes.io/dockerconfigjson': ['.dockerconfigjson'],
  'kubernetes.io/dockercfg': ['.dockercfg'],
  'kubernetes.io/ssh-auth': ['ssh-privatekey'],
};

export const secrets = defineBuiltin({
  definition: 'io.k8s.api.core.v1.Secret',
  group: '',
  plural: 'secrets',
  selectableFields: { type: (object) => stringAt(object, 'type') },
  columns: [
    column('Type', (object) => stringAt(object, 'type')),
    column('Data', (object) => count(object, 'data')),
    ageColumn,
  ],
  defaults(next) {
    setDefault(next, 'type', 'Opaque');
    const texts = objectAt(next, 'stringData');
    for (const [name, text] of Object.entries(texts)) {
      ensureObjectAt(next, 'data')[name] = Buffer.from(String(text)).toString('base64');
    }
    delete next['stringData'];
  },
  validate(next, old) {
    const data = objectAt(next, 'data');
    const missing = (REQUIRED_KEYS[stringAt(next, 'type')] ?? []).filter((name) => !Object.hasOwn(data, name));
    const errors = [
      ...keyErrors(next, 'data'),
      ...sizeErrors(data),
      ...missing.map((name) => required(key('data', name))),
    ];
    if (old !== undefined) {
      // Types may differ in what they promise about the data, so a Secret keeps the one it was made with.
      if (next['type'] !== old['type']) errors.push(invalid('type', next['type'], 'field is immutable'));
      errors.push(...immutableErrors(next, old, ['data']));
    }
    return errors;
  },
});

export const serviceAccounts = defineBuiltin({
  definition: 'io.k8s.api.core.v1.ServiceAccount',
  group: '',
  plural: 'serviceaccounts',
  shortNames: ['sa'],
  subresourceBodies: ['io.k8s.api.authentication.v1.TokenRequest'],
  deleteReply: 'object',
  columns: [column('Secrets', (object) => objectsAt(object, 'secrets').length), ageColumn],
});

function count(object: KubeObject, field: string): number {
  return Object.keys(objectAt(object, field)).length;
}

function keyErrors(object: KubeObject, field: string): FieldError[] {
  return Object.keys(objectAt(object, field)).flatMap((name) =>
    configKeyProblems(name).map((problem) => invalid(key(field, name), name, problem)),
  );
}

function configKeyProblems(name: string): string[] {
  const problems: string[] = [];
  if (Buffer.byteLength(name) > 253) problems.push('must be no more than 253 characters');
  if (!/^[-._a-zA-Z0-9]+$/.test(name)) {
    problems.push(
      "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
    );
  }
  if (name === '.' || name === '..') problems.push(`must not be '${name}'`);
  else if (name.startsWith('..')) problems.push("must not start with '..'");
  return problems;
}

function sizeErrors(data: JsonObject): FieldError[] {
  const size = Object.values(data).reduce<number>((sum, value) => sum + Buffer.byteLength(String(value), 'base64'), 0);
  if (size <= MAX_SIZE_BYTES) return [];
  return [
    { type: 'FieldValueTooLong', field: 'data', detail: `Too long: may not be more than ${MAX_SIZE_BYTES} bytes` },
  ];
}

function immutableErrors(next: KubeObject, old: KubeObject, fields: readonly string[]): FieldError[] {
  if (!booleanAt(old, 'immutable')) return [];
  const changed = fields.filter((field) => !equalJson(objectAt(next, field), objectAt(old, field)));
  return [...(booleanAt(next, 'immutable') ? [] : ['immutable']), ...changed].map((field) =>
    forbidden(field, IMMUTABLE),
  );
}

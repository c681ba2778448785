// Writes src/builtins/schemas/*.json (OpenAPI schemas of the built-in kinds) and src/builtins/fields/*.json (what OpenAPI
// does not say about their Go structs). Data only: names, types, numbers; no documentation texts.
//
//   node scripts/generate-builtin-schemas.mjs --kubeconfig FILE [--modules DIR]
//
// --kubeconfig  a running API server of the version to describe; its /openapi/v3 documents are read
// --modules     folder with the Go modules k8s.io/{api,apimachinery,apiextensions-apiserver} of that version,
//               default ~/go/pkg/mod/k8s.io; the field tags of their types.go are read
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    modules: { type: 'string', default: join(homedir(), 'go/pkg/mod/k8s.io') },
  },
});
if (options.kubeconfig === undefined) throw new Error('--kubeconfig FILE is required');

const target = new URL('../src/builtins/', import.meta.url);
const REF = '#/components/schemas/';

/** OpenAPI names of Go packages, with the module and folder that hold their types. */
const PACKAGES = {
  'io.k8s.api.admissionregistration.v1': 'api/admissionregistration/v1',
  'io.k8s.api.apps.v1': 'api/apps/v1',
  'io.k8s.api.authentication.v1': 'api/authentication/v1',
  'io.k8s.api.authorization.v1': 'api/authorization/v1',
  'io.k8s.api.autoscaling.v1': 'api/autoscaling/v1',
  'io.k8s.api.autoscaling.v2': 'api/autoscaling/v2',
  'io.k8s.api.batch.v1': 'api/batch/v1',
  'io.k8s.api.coordination.v1': 'api/coordination/v1',
  'io.k8s.api.core.v1': 'api/core/v1',
  'io.k8s.api.discovery.v1': 'api/discovery/v1',
  'io.k8s.api.events.v1': 'api/events/v1',
  'io.k8s.api.networking.v1': 'api/networking/v1',
  'io.k8s.api.policy.v1': 'api/policy/v1',
  'io.k8s.api.rbac.v1': 'api/rbac/v1',
  'io.k8s.api.scheduling.v1': 'api/scheduling/v1',
  'io.k8s.api.storage.v1': 'api/storage/v1',
  'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1': 'apiextensions-apiserver/pkg/apis/apiextensions/v1',
  'io.k8s.apimachinery.pkg.api.resource': undefined,
  'io.k8s.apimachinery.pkg.apis.meta.v1': 'apimachinery/pkg/apis/meta/v1',
  'io.k8s.apimachinery.pkg.runtime': undefined,
  'io.k8s.apimachinery.pkg.util.intstr': undefined,
};

/** Kinds the design has and the server that is read from may not: their shape, from their Go structs. */
const SUPPLEMENTS = {
  'io.k8s.api.apps.v1.ControllerRevision': {
    type: 'object',
    required: ['revision'],
    properties: {
      apiVersion: { type: 'string' },
      data: { default: {}, allOf: [{ $ref: `${REF}io.k8s.apimachinery.pkg.runtime.RawExtension` }] },
      kind: { type: 'string' },
      metadata: { default: {}, allOf: [{ $ref: `${REF}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta` }] },
      revision: { type: 'integer', format: 'int64', default: 0 },
    },
    'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'ControllerRevision', version: 'v1' }],
  },
  'io.k8s.api.apps.v1.ControllerRevisionList': {
    type: 'object',
    required: ['items'],
    properties: {
      apiVersion: { type: 'string' },
      items: {
        type: 'array',
        items: { default: {}, allOf: [{ $ref: `${REF}io.k8s.api.apps.v1.ControllerRevision` }] },
      },
      kind: { type: 'string' },
      metadata: { default: {}, allOf: [{ $ref: `${REF}io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta` }] },
    },
    'x-kubernetes-group-version-kind': [{ group: 'apps', kind: 'ControllerRevisionList', version: 'v1' }],
  },
  'io.k8s.api.authentication.v1.BoundObjectReference': {
    type: 'object',
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      name: { type: 'string' },
      uid: { type: 'string' },
    },
  },
  'io.k8s.api.authentication.v1.TokenRequest': {
    type: 'object',
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { default: {}, allOf: [{ $ref: `${REF}io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta` }] },
      spec: { default: {}, allOf: [{ $ref: `${REF}io.k8s.api.authentication.v1.TokenRequestSpec` }] },
      status: { default: {}, allOf: [{ $ref: `${REF}io.k8s.api.authentication.v1.TokenRequestStatus` }] },
    },
    'x-kubernetes-group-version-kind': [{ group: 'authentication.k8s.io', kind: 'TokenRequest', version: 'v1' }],
  },
  'io.k8s.api.authentication.v1.TokenRequestSpec': {
    type: 'object',
    required: ['audiences'],
    properties: {
      audiences: { type: 'array', items: { type: 'string', default: '' }, 'x-kubernetes-list-type': 'atomic' },
      boundObjectRef: { $ref: `${REF}io.k8s.api.authentication.v1.BoundObjectReference` },
      expirationSeconds: { type: 'integer', format: 'int64' },
    },
  },
  'io.k8s.api.authentication.v1.TokenRequestStatus': {
    type: 'object',
    required: ['token', 'expirationTimestamp'],
    properties: {
      expirationTimestamp: { $ref: `${REF}io.k8s.apimachinery.pkg.apis.meta.v1.Time` },
      token: { type: 'string', default: '' },
    },
  },
};

function packageOf(definition) {
  return definition.slice(0, definition.lastIndexOf('.'));
}

// ---- schemas, from the server

function kubectl(path) {
  return JSON.parse(
    execFileSync('kubectl', ['--kubeconfig', options.kubeconfig, 'get', '--raw', path], {
      maxBuffer: 1 << 28,
    }).toString(),
  );
}

function withoutTexts(schema) {
  if (Array.isArray(schema)) return schema.map(withoutTexts);
  if (typeof schema !== 'object' || schema === null) return schema;
  const result = {};
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'description') continue;
    if (key === 'properties') {
      result[key] = Object.fromEntries(Object.entries(value).map(([name, property]) => [name, withoutTexts(property)]));
    } else if (key === 'x-kubernetes-group-version-kind') {
      // `__internal` is how one server library calls its in-memory version; no client ever sees it
      result[key] = value.filter((gvk) => gvk.version !== '__internal');
    } else {
      result[key] = withoutTexts(value);
    }
  }
  return result;
}

const definitions = { ...SUPPLEMENTS };
for (const path of Object.keys(kubectl('/openapi/v3').paths)) {
  if (!/^(api|apis\/[^/]+)\/v\d+$/.test(path)) continue;
  for (const [name, schema] of Object.entries(kubectl(`/openapi/v3/${path}`).components?.schemas ?? {})) {
    if (packageOf(name) in PACKAGES) definitions[name] = withoutTexts(schema);
  }
}

// ---- fields, from the Go sources

function sourceFolder(folder) {
  const [module, ...rest] = folder.split('/');
  const versioned = readdirSync(options.modules).filter((name) => name.startsWith(`${module}@`));
  if (versioned.length === 0) throw new Error(`no module ${module} in ${options.modules}`);
  return join(options.modules, versioned.sort().at(-1), ...rest);
}

/**
 * One field: its protobuf number, then `*` if it is a pointer (a zero value is kept), `!` if it is written even when
 * empty, `z` if an empty struct is left out. An embedded struct is listed as `...Name`.
 */
function fieldsOfStruct(body) {
  const fields = {};
  for (const line of body.split('\n')) {
    const match = /^\t(?:(\w+)\s+)?([\w.*[\]]+)\s+`([^`]*)`/.exec(line);
    if (match === null) continue;
    const [, , type, tags] = match;
    const json = /json:"([^"]*)"/.exec(tags)?.[1];
    const number = /protobuf:"[^,"]*,(\d+)/.exec(tags)?.[1] ?? '';
    if (json === undefined || json === '-') continue;
    const [name, ...flags] = json.split(',');
    if (name === '') {
      if (number !== '') fields[`...${type}`] = number;
      continue;
    }
    const pointer = type.startsWith('*') ? '*' : '';
    const always = flags.includes('omitempty') || flags.includes('omitzero') ? '' : '!';
    fields[name] = number + pointer + always + (flags.includes('omitzero') ? 'z' : '');
  }
  return fields;
}

function structsOf(folder) {
  const structs = {};
  for (const file of readdirSync(folder)) {
    if (!file.endsWith('.go') || file.startsWith('zz_') || file.startsWith('generated') || file.endsWith('_test.go'))
      continue;
    const source = readFileSync(join(folder, file), 'utf8');
    for (const [, name, body] of source.matchAll(/^type (\w+) struct \{\n([\s\S]*?)^\}/gm)) {
      structs[name] = fieldsOfStruct(body);
    }
  }
  return structs;
}

// ---- output: one file a package, one definition a line

function write(folder, name, entries) {
  const lines = Object.keys(entries)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${JSON.stringify(entries[key])}`);
  if (lines.length > 0) writeFileSync(new URL(`${folder}/${name}.json`, target), `{\n${lines.join(',\n')}\n}\n`);
}

for (const folder of ['schemas', 'fields']) {
  rmSync(new URL(`${folder}/`, target), { recursive: true, force: true });
  mkdirSync(new URL(`${folder}/`, target), { recursive: true });
}
for (const [name, folder] of Object.entries(PACKAGES)) {
  const own = Object.entries(definitions).filter(([definition]) => packageOf(definition) === name);
  write('schemas', name, Object.fromEntries(own.map(([key, value]) => [key.slice(name.length + 1), value])));
  if (folder === undefined) continue;

  const structs = structsOf(sourceFolder(folder));
  const used = new Set();
  const use = (struct) => {
    if (used.has(struct) || structs[struct] === undefined) return;
    used.add(struct);
    for (const field of Object.keys(structs[struct])) if (field.startsWith('...')) use(field.slice(3));
  };
  for (const [definition] of own) use(definition.slice(name.length + 1));
  write('fields', name, Object.fromEntries([...used].map((struct) => [struct, structs[struct]])));
}

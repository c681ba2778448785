import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DEFINITIONS, FuzzedServer, GADGETS, PODS } from './fuzzed-server.js';
import { definition, pod } from './good-documents.js';
import type { RawRequest } from './raw-client.js';

let server: FuzzedServer;

beforeAll(async () => {
  server = await FuzzedServer.start();
});
afterAll(() => server.stop());

const nested = (depth: number, value = '1') => '['.repeat(depth) + value + ']'.repeat(depth);

function patch(path: string, type: string, body: unknown): RawRequest {
  const headers = { 'content-type': type };
  return { method: 'PATCH', path, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

function post(path: string, object: object): RawRequest {
  return { method: 'POST', path, body: JSON.stringify(object) };
}

function named(object: { readonly metadata: object }, name: string, metadata: object = {}) {
  return { ...object, metadata: { ...object.metadata, ...metadata, name } };
}

function definitionWithRule(rule: string) {
  const [version] = definition.spec.versions;
  const openAPIV3Schema = {
    type: 'object',
    properties: {
      spec: { type: 'object', 'x-kubernetes-validations': [{ rule }], properties: { a: { type: 'string' } } },
    },
  };
  return { ...definition, spec: { ...definition.spec, versions: [{ ...version, schema: { openAPIV3Schema } }] } };
}

interface Case {
  readonly name: string;
  readonly request: RawRequest;
  readonly status: number;
  readonly says?: RegExp;
}

const cases: readonly Case[] = [
  { name: 'a path of two slashes', request: { path: '//' }, status: 404 },
  { name: 'a path that looks like a host', request: { path: '//[' }, status: 404 },
  { name: 'a path with a zero byte', request: { path: `${PODS}/%00` }, status: 404, says: /not found/ },
  { name: 'a name with slashes', request: { path: `${PODS}/..%2f..%2fsecrets` }, status: 404 },
  { name: 'a target that is no URL', request: { path: 'http://[' }, status: 404 },
  { name: 'a kind called constructor', request: { path: '/apis/constructor/v1/__proto__/toString' }, status: 404 },
  { name: 'a patch of type constructor', request: patch(`${PODS}/a`, 'constructor', {}), status: 415 },
  { name: 'a patch of type __proto__', request: patch(`${GADGETS}/a`, '__proto__', {}), status: 415 },
  {
    name: 'a body above 3 MiB',
    request: post(PODS, { ...pod, filler: 'x'.repeat(3 * 1024 * 1024) }),
    status: 413,
    says: /Request entity too large: limit is 3145728/,
  },
  {
    name: 'an unknown field of another script',
    request: post(PODS, { ...named(pod, 'script'), 名前: 1 }),
    status: 201,
  },
  {
    name: 'ten thousand unknown fields',
    request: post(PODS, {
      ...named(pod, 'fields'),
      ...Object.fromEntries(Array.from({ length: 10_000 }, (_, i) => [`x${i}`, 1])),
    }),
    status: 201,
  },
  {
    name: 'a number beyond all',
    request: {
      method: 'POST',
      path: GADGETS,
      body: '{"apiVersion":"example.com/v1","kind":"Gadget","metadata":{"name":"n"},"spec":{"b":[1e999]}}',
    },
    status: 400,
    says: /json: cannot unmarshal number 1e999 into Go value of type float64/,
  },
  {
    name: 'a patch that doubles an object thirty times',
    request: patch(
      `${GADGETS}/a`,
      'application/json-patch+json',
      Array.from({ length: 30 }, (_, index) => ({ op: 'copy', from: '/spec', path: `/spec/x${index}` })),
    ),
    status: 422,
    says: /the server rejected our request due to an error in our request/,
  },
  {
    name: 'managed fields with a value that nests deeply',
    request: post(
      PODS,
      named(pod, 'managed', {
        managedFields: [
          {
            manager: 'm',
            operation: 'Update',
            apiVersion: 'v1',
            fieldsType: 'FieldsV1',
            fieldsV1: { 'f:metadata': { 'f:finalizers': { [`v:${nested(100_000)}`]: {} } } },
          },
        ],
      }),
    ),
    status: 201,
  },
  {
    name: 'dry runs that are no texts',
    request: { method: 'DELETE', path: `${PODS}/a`, body: '{"dryRun":[{"toString":1}]}' },
    status: 500,
    says: /json: cannot unmarshal object into Go struct field DeleteOptions.dryRun of type string/,
  },
  {
    name: 'a quantity of a million digits',
    request: post(PODS, {
      ...named(pod, 'q'),
      spec: { containers: [{ name: 'a', image: 'a', resources: { limits: { cpu: '9'.repeat(1_000_000) } } }] },
    }),
    status: 201,
  },
  {
    name: 'a rule of a hundred thousand terms',
    request: { ...post(`${DEFINITIONS}?dryRun=All`, definitionWithRule(`${'1+'.repeat(100_000)}1 > 0`)) },
    status: 422,
  },
];

describe('a server', () => {
  it.each(cases)('answers $name with $status', async ({ request, status, says = / */ }) => {
    const answer = await server.client.send(request);

    expect({ failures: server.takeFailures(), ...answer, body: answer.body.slice(0, 1000) }).toMatchObject({
      status,
      failures: [],
      body: expect.stringMatching(says),
    });
  });
});

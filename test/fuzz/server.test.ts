import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runs } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import { DEFINITIONS, FuzzedServer, GADGETS, PODS } from './fuzzed-server.js';
import { definition, deployment, gadget, pod, strategicPatch } from './good-documents.js';
import { damaged, json, text, wordsOf } from './hostile-input.js';
import type { Answer, RawRequest } from './raw-client.js';

/** In the default run of all tests; a fiftieth of `FC_RUNS`, since a request takes longer than a function. */
const RUNS = process.env['FC_RUNS'] === undefined ? 60 : Math.ceil(runs() / 50);

const TIMEOUT_MS = 30_000 + 100 * RUNS;

/** What a real server, too, answers with 500: it passes an error on as it came. */
const FAITHFUL_FAILURES =
  /^(?:failed to create typed|unable to find api field|expected a \[\]interface|The order in patch list|list element types are not|unknown patch type|map: map\[|merging lists|cannot merge lists|json: |no kind|resourceVersion: Invalid value|invalid character|unexpected end|error converting|exceeded max depth|Internal error occurred: (?:jsonpatch|failed calling))/;

let server: FuzzedServer;

beforeAll(async () => {
  server = await FuzzedServer.start();
  await server.create(PODS, pod);
});
afterAll(() => server.stop());

/** What is wrong with an answer; undefined when nothing is. */
function problemOf({ status, type, body }: Answer): string | undefined {
  const failures = server.takeFailures();
  if (failures.length > 0) return String(failures.map(inspect));
  // HEAD is answered without a body.
  if (status < 400 || body === '') return status < 500 ? undefined : `an empty ${status}`;
  if (!type.includes('json')) return status < 500 ? undefined : body;
  const answer = JSON.parse(body) as { kind?: unknown; code?: unknown; message?: unknown };
  if (answer.kind !== 'Status' || answer.code !== status) return `no Status: ${body.slice(0, 200)}`;
  if (status === 500 && !FAITHFUL_FAILURES.test(String(answer.message))) return body.slice(0, 500);
  return undefined;
}

function inspect(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => (item instanceof Error ? item.stack : item));
}

async function expectHandled(request: RawRequest): Promise<void> {
  const problem = problemOf(await server.client.send(request));
  expect({ problem, request }).toEqual({ problem: undefined, request });
}

const mediaTypes = fc.constantFrom(
  ...['application/json', 'application/yaml', 'application/vnd.kubernetes.protobuf', 'constructor', '__proto__', ''],
  ...['application/merge-patch+json', 'application/json-patch+json', 'application/strategic-merge-patch+json'],
  ...['application/apply-patch+yaml', 'application/json;as=Table;g=meta.k8s.io;v=v1', 'text/plain', '*/*'],
);

const paths = wordsOf(
  ...['/', '/api/v1', '/apis', '/apis/example.com/v1', '/namespaces', '/namespaces/default', '/pods', '/gadgets', '/a'],
  ...['/status', '/scale', '/log', '/watch', '/services', '/customresourcedefinitions', '/openapi/v3', '/version'],
  ...['/trueup/faults', '/healthz', '/%00', '/%2F', '/..', '?', '&', '=', 'limit', 'continue', 'labelSelector'],
  ...['fieldSelector', 'resourceVersion', 'fieldManager=m', 'dryRun=All', 'pretty=1', 'fieldValidation=Strict'],
).map((path) =>
  encodeURI(`/${path.replace(/^\/+/, '').replaceAll(/watch|[\ud800-\udfff]/g, '')}`).replaceAll('%25', '%'),
);

const requests: fc.Arbitrary<RawRequest> = fc.record({
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'HEAD'),
  path: paths,
  headers: fc.record({ 'content-type': mediaTypes, accept: mediaTypes }),
  body: fc.oneof(
    text,
    json.map((value) => JSON.stringify(value)),
  ),
});

const patches: fc.Arbitrary<RawRequest> = fc
  .tuple(
    fc.constantFrom(`${GADGETS}/a`, `${GADGETS}/a/status`, `${GADGETS}/a/scale`, '/api/v1/namespaces/default/pods/a'),
    fc.oneof(
      fc.tuple(fc.constant('merge-patch+json'), fc.oneof(damaged<object>(pod, gadget), json)),
      fc.tuple(fc.constant('strategic-merge-patch+json'), fc.oneof(damaged<object>(strategicPatch, pod), json)),
      fc.tuple(
        fc.constant('json-patch+json'),
        damaged<object>([{ op: 'add', path: '/metadata/labels/a', value: 'b' }]),
      ),
      fc.tuple(fc.constant('apply-patch+yaml'), damaged<object>(gadget, pod)),
    ),
  )
  .map(([path, [type, patch]]) => ({
    method: 'PATCH',
    path: `${path}?fieldManager=m${type.startsWith('apply') ? '&force=true' : ''}`,
    headers: { 'content-type': `application/${type}` },
    body: JSON.stringify(patch),
  }));

const writes: fc.Arbitrary<RawRequest> = fc
  .oneof(
    fc.tuple(fc.constant('/api/v1/namespaces/default/pods'), damaged<object>(pod)),
    fc.tuple(fc.constant('/apis/apps/v1/namespaces/default/deployments'), damaged<object>(deployment)),
    fc.tuple(fc.constant(GADGETS), damaged<object>(gadget)),
    fc.tuple(fc.constant(DEFINITIONS), damaged<object>(definition)),
  )
  .map(([path, object]) => ({ method: 'POST', path, body: JSON.stringify(object) }));

describe('a server that is sent anything', () => {
  it.each([
    { name: 'requests', sent: requests },
    { name: 'patches', sent: patches },
  ])(
    'answers $name with what was asked for or a Status that says why not',
    async ({ sent }) => {
      await fc.assert(fc.asyncProperty(sent, expectHandled), { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );

  it(
    'stores hostile objects or refuses them, and its controllers come to rest',
    async () => {
      const isHandled = fc.asyncProperty(writes, async (write) => {
        await expectHandled(write);
        await server.controlPlane.settle();
        await expectHandled({ path: write.path, headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' } });
        await server.client.send({ method: 'DELETE', path: write.path.startsWith(DEFINITIONS) ? '/api' : write.path });
      });
      await fc.assert(isHandled, { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
});

// node operator.mjs FOLDER: runs the sample operator on objects that name Secrets, which are rotated once, and leaves in the
// folder everything the operator showed and its heap; prints which values of Secrets are found there, and its requests for
// Secrets. A process of its own, since no one else's memory may be looked through.
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writeHeapSnapshot } from 'node:v8';
import { Worker } from 'node:worker_threads';
import { Operator } from '@trueup/core';
import { Client, clusterFromToken, parseManifests } from '@trueup/kube';
import { pino } from 'pino';
import application from '../../examples/operator/dist/operator.js';

const folder = process.argv[2];
const manifests = await readFile(new URL('objects.yaml', import.meta.url), 'utf8');
const namespace = 'default';

const server = new Worker(new URL('api-server.mjs', import.meta.url), { workerData: secretsNamedIn(manifests) });
const [{ url, token }] = await once(server, 'message');
const ask = async (message) => {
  server.postMessage(message);
  return (await once(server, 'message'))[0];
};

const logged = [];
const requests = [];
const connection = { ...clusterFromToken({ server: url, token }), namespace };
const operator = await Operator.create({
  ...application,
  connection,
  metricsBindAddress: '127.0.0.1:0',
  logger: pino({ level: 'trace' }, { write: (line) => void logged.push(line) }),
});
operator.client.onRequest((request) => requests.push(request));
await operator.installKinds();
await operator.start();

const client = new Client(connection);
const settle = async () => {
  for (let reconciles = -1; reconciles !== operator.reconcileCount;) {
    reconciles = operator.reconcileCount;
    await ask('settle');
    await operator.settle();
  }
};
for (const { object } of parseManifests(manifests, 'objects.yaml')) {
  const [group, version] = object.apiVersion.split('/');
  const resource = await client.discover({ group, version, kind: object.kind });
  await client.create(resource, { ...object, metadata: { ...object.metadata, namespace } });
}
await settle();
await ask('create');
await settle();
await ask('rotate');
await settle();

const objects = await everythingButSecrets();
const metrics =
  operator.metricsUrl === undefined ? '' : await (await fetch(new URL('/metrics', operator.metricsUrl))).text();
const shown = path.join(folder, 'shown.txt');
await writeFile(shown, [...logged, ...requests.map((request) => JSON.stringify(request)), objects, metrics].join('\n'));
const heap = writeHeapSnapshot(path.join(folder, 'operator.heapsnapshot'));

const values = await ask('reveal');
process.stdout.write(
  JSON.stringify({
    values: values.length,
    unready: notReadyIn(objects),
    secretReads: requests
      .filter(({ resource }) => resource.kind === 'Secret')
      .map(({ verb, fieldSelector }) => ({ verb, fieldSelector })),
    loggedLines: logged.length,
    metricsLines: metrics.split('\n').length,
    shown: await foundIn(shown, values),
    held: await foundIn(heap, values),
    // The search finds what is there: a name that the operator must hold.
    findsNames: (await foundIn(heap, ['s-env-from'])).length === 1,
  }),
);
await operator.stop();
await client.close();
await server.terminate();

function secretsNamedIn(text) {
  const keys = [...text.matchAll(/\{ name: (s-[a-z-]+), key: ([a-z-]+)/g)].map(([, name, key]) => [
    name,
    { name, key },
  ]);
  return [...new Map([...keys, ['s-env-from', { name: 's-env-from', key: 'anything' }]]).values()];
}

async function everythingButSecrets() {
  const resources = [
    ...operator.kinds.map(({ resource }) => resource),
    ...[
      ['', 'v1', 'ConfigMap', 'configmaps'],
      ['apps', 'v1', 'Deployment', 'deployments'],
      ['events.k8s.io', 'v1', 'Event', 'events'],
    ].map(([group, version, kind, plural]) => ({ group, version, kind, plural, namespaced: true })),
  ];
  const lists = await Promise.all(resources.map((resource) => client.list(resource, { namespace })));
  return JSON.stringify(lists.flatMap(({ items }) => items));
}

/** Judgements that are not True: with any, not everything was taken from Secrets that could be. */
function notReadyIn(text) {
  return JSON.parse(text).flatMap(({ kind, metadata, status = {} }) =>
    (status.conditions ?? [])
      .filter(({ type, status: is }) => /^Ready$|Valid/.test(type) && is !== 'True')
      .map(({ type, message }) => `${kind} ${metadata.name} ${type}: ${message}`),
  );
}

/** Which of these texts a file holds; it may be larger than a string can be. */
async function foundIn(file, texts) {
  const found = new Set();
  const longest = Math.max(...texts.map((text) => text.length));
  let rest = '';
  for await (const chunk of createReadStream(file, { encoding: 'latin1', highWaterMark: 1 << 24 })) {
    const text = rest + chunk;
    for (const each of texts) if (text.includes(each)) found.add(each);
    rest = text.slice(-longest);
  }
  return [...found];
}

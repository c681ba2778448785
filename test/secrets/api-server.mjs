// The API server, in a thread with a heap of its own: only here are the values of Secrets known, until they are asked for.
import { randomBytes } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { ControlPlane } from '@trueup/control-plane';
import application from '../../examples/operator/dist/operator.js';

const SECRETS = { group: '', plural: 'secrets' };
const namespace = 'default';
const values = new Set();

const controlPlane = await ControlPlane.start({ tls: false });
application.prepare(controlPlane);
parentPort.postMessage({ url: controlPlane.url, token: controlPlane.token });
parentPort.on('message', async (message) => parentPort.postMessage(await answer(message)));

async function answer(message) {
  switch (message) {
    case 'create':
      for (const { name, key } of workerData) {
        const metadata = { name, namespace };
        await controlPlane.api.create(SECRETS, { apiVersion: 'v1', kind: 'Secret', metadata, data: aSecret(key) });
      }
      break;
    case 'rotate':
      for (const { name, key } of workerData) {
        await controlPlane.api.update(SECRETS, namespace, name, (draft) =>
          Object.assign(draft, { data: aSecret(key) }),
        );
      }
      break;
    case 'settle':
      await controlPlane.settle({ timeoutMs: 30_000 });
      break;
    case 'reveal':
      return reveal();
  }
  return 'done';
}

function aSecret(key) {
  const value = randomBytes(24).toString('hex');
  values.add(value);
  return { [key]: Buffer.from(value).toString('base64') };
}

/** All that Secrets ever held, those the operator made included, as text and as it is on the wire. */
function reveal() {
  for (const { metadata, data = {} } of controlPlane.api.list(SECRETS)) {
    // The one that digests are made with, which the operator has to know.
    if (metadata.name === 'trueup-digest-key') continue;
    for (const value of Object.values(data)) values.add(Buffer.from(value, 'base64').toString());
  }
  return [...values].flatMap((value) => [value, Buffer.from(value).toString('base64')]);
}

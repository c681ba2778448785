// What no operator in Node can do without: the writes of bringing up so many sites, from bare HTTP calls, eight at a time.
import { once } from 'node:events';
import { Agent, request } from 'node:https';
import { text } from 'node:stream/consumers';
import { CONCURRENCY } from './bench.mjs';
import { aSite, apiVersion } from './samples.mjs';

const [, , count] = process.argv;
const [{ url, token, caCertificate }] = await once(process, 'message');
const agent = new Agent({ keepAlive: true, ca: caCertificate, maxSockets: CONCURRENCY });
const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/apply-patch+yaml' };

async function apply(path, object) {
  const call = request(`${url}${path}?fieldManager=floor&force=true`, { method: 'PATCH', agent, headers });
  call.end(JSON.stringify(object));
  const [response] = await once(call, 'response');
  const answer = await text(response);
  if (response.statusCode >= 300) throw new Error(answer);
  return JSON.parse(answer);
}

async function bringUp(index) {
  const { metadata, spec } = aSite(index);
  const { namespace, name } = metadata;
  const site = `/apis/${apiVersion}/namespaces/${namespace}/sites/${name}`;
  const {
    metadata: { uid },
  } = await apply(site, { apiVersion, kind: 'Site', metadata, spec });
  const owner = { apiVersion, kind: 'Site', name, uid, controller: true, blockOwnerDeletion: true };
  const child = (kind, plural, more) =>
    apply(`/api/v1/namespaces/${namespace}/${plural}/${name}`, {
      apiVersion: 'v1',
      kind,
      metadata: { name, ownerReferences: [owner] },
      ...more,
    });
  await child('ConfigMap', 'configmaps', { data: { text: spec.text } });
  await child('ServiceAccount', 'serviceaccounts', {});
  await child('Service', 'services', { spec: { ports: [{ name: 'http', port: 80, targetPort: 8080 }] } });
}

const begin = performance.now();
const cpu = process.cpuUsage();
let next = 0;
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    while (next < Number(count)) await bringUp(next++);
  }),
);
const { user, system } = process.cpuUsage(cpu);
process.send({ ms: performance.now() - begin, cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() });

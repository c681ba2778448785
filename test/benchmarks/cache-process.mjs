// Fills one cache and tells what that took.
import { once } from 'node:events';
import { Agent, get } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout } from 'node:timers/promises';
import { longestStretch } from './longest-stretch.mjs';
import { SAMPLE } from './samples.mjs';

const PATH = '/apis/bench.trueup.dev/v1/samples';

const contenders = {
  floor: (cluster) => listPages(cluster, (item) => item),
  'floor-stripped': (cluster) => listPages(cluster, stripped),
  trueup: (cluster) => trueup(cluster, { streamLists: true }),
  'trueup-pages': (cluster) => trueup(cluster, { streamLists: false }),
  'client-node': clientNode,
};

/** What no client can beat: the bytes of all pages, parsed. */
async function listPages({ url, token, caCertificate }, keep) {
  const agent = new Agent({ keepAlive: true, ca: caCertificate });
  return {
    async fill() {
      const objects = [];
      let next = '';
      do {
        const query = `?limit=500${next && `&continue=${encodeURIComponent(next)}`}`;
        const request = get(`${url}${PATH}${query}`, { agent, headers: { authorization: `Bearer ${token}` } });
        const [response] = await once(request, 'response');
        const page = JSON.parse(await text(response));
        for (const item of page.items) objects.push(keep(item));
        next = page.metadata.continue;
      } while (next);
      return () => objects.length;
    },
  };
}

/** The same object without managedFields, as compact as the parser would have made it. */
function stripped(object) {
  const metadata = {};
  for (const key in object.metadata) if (key !== 'managedFields') metadata[key] = object.metadata[key];
  object.metadata = metadata;
  return object;
}

async function trueup({ url, token, caCertificate }, options) {
  const { Client, clusterFromToken, Informers } = await import('@trueup/kube');
  const client = new Client(clusterFromToken({ server: url, token, ca: caCertificate }));
  const informer = new Informers(client, options).informer(SAMPLE);
  return {
    async fill() {
      informer.start();
      await informer.waitForSync({ timeoutMs: 600_000 });
      return () => informer.store.size;
    },
  };
}

async function clientNode({ url, token, caCertificate }) {
  const { CustomObjectsApi, KubeConfig, makeInformer } = await import('@kubernetes/client-node');
  const kubeConfig = new KubeConfig();
  const caData = Buffer.from(caCertificate).toString('base64');
  kubeConfig.loadFromClusterAndUser({ name: 'bench', server: url, caData }, { name: 'bench', token });
  const api = kubeConfig.makeApiClient(CustomObjectsApi);
  const { group, version, plural } = SAMPLE;
  const informer = makeInformer(kubeConfig, PATH, () =>
    api.listCustomObjectForAllNamespaces({ group, version, plural }),
  );
  return {
    async fill() {
      await informer.start();
      return () => informer.list().length;
    },
  };
}

const [cluster] = await once(process, 'message');
const contender = await contenders[process.argv[2]](cluster);
gc();
await setTimeout(500);
const before = process.memoryUsage();
const stretch = longestStretch();
const begin = performance.now();
const cpu = process.cpuUsage();
const count = await contender.fill();
const ms = performance.now() - begin;
const { user, system } = process.cpuUsage(cpu);
const { cpuMs: stallMs } = stretch.stop();
gc();
// Buffers that are found to be unused are freed a moment later.
await setTimeout(500);
gc();
const after = process.memoryUsage();
process.send({
  count: count(),
  ms,
  cpuMs: (user + system) / 1000,
  stallMs,
  heapBytes: after.heapUsed + after.external - before.heapUsed - before.external,
  rssBytes: after.rss - before.rss,
});

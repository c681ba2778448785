// What requests and watches cost the client over HTTP/1.1 and over HTTP/2: its CPU time, with a server in Go in another process.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:http2';
import { createRequire } from 'node:module';
import { gunzipSync, gzipSync } from 'node:zlib';
import { Client, clusterFromToken } from '@trueup/kube';
import { CONCURRENCY, inParallel, ratio, report } from './bench.mjs';
import { buildPeer } from './peers/peer.mjs';

// The very one that the client uses.
const { Pool } = createRequire(import.meta.resolve('@trueup/kube'))('undici');

const SECRET = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const NAME = { namespace: 'default', name: 'watched' };
const PATH = '/api/v1/namespaces/default/secrets/watched';
const HEADERS = { accept: 'application/json', authorization: 'Bearer bench' };
const TLS = { rejectUnauthorized: false };
const ROUNDS = 5;
const WATCHES = 30;
/** As many as the server sends over each. */
const EVENTS = 500;

export async function benchTransport(count) {
  benchPacking();
  const program = await buildPeer('transport');
  if (program === undefined) return;
  const server = spawn(program, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(server.stdout, 'data');
  const { url } = JSON.parse(line);
  const connection = { ...clusterFromToken({ server: url, token: 'bench' }), insecureSkipTlsVerify: true };
  try {
    await benchRequests(connection, count);
    await benchWatches(connection);
  } finally {
    server.kill();
  }
}

/** Reads, several at a time, by the two libraries with nothing around them; and by the client, which uses the first. */
async function benchRequests(connection, count) {
  const client = new Client(connection);
  const pool = new Pool(connection.server, { connect: TLS });
  const session = connect(connection.server, TLS);
  const ways = {
    http1: () => getByHttp1(pool),
    http2: () => getByHttp2(session),
    client: () => client.get(SECRET, NAME),
  };
  const cpuUs = await bestOf(ROUNDS, ways, async (read) => (await cpuMsOf(() => repeat(count, read))) * (1000 / count));
  session.close();
  await Promise.all([client.close(), pool.close()]);
  report(`a read, ${CONCURRENCY} at a time: CPU, HTTP/1.1 (undici)`, `${cpuUs.http1.toFixed(0)} µs`);
  report('  HTTP/2 (node:http2)', `${cpuUs.http2.toFixed(0)} µs`, `${ratio(cpuUs.http2, cpuUs.http1)} x`);
  report('  the client, over HTTP/1.1', `${cpuUs.client.toFixed(0)} µs`, `${ratio(cpuUs.client, cpuUs.http1)} x`);
}

async function benchWatches(connection) {
  const clients = { http1: { http2: false }, http2: { http2: true } };
  const cpuUs = await bestOf(ROUNDS, clients, async (options) => {
    const client = new Client(connection, options);
    const usedMs = await cpuMsOf(() => Promise.all(Array.from({ length: WATCHES }, () => watch(client))));
    await client.close();
    return (usedMs * 1000) / (WATCHES * EVENTS);
  });
  report(`an event, ${WATCHES} watches: CPU of the client, HTTP/2`, `${cpuUs.http2.toFixed(0)} µs`);
  report('  HTTP/1.1', `${cpuUs.http1.toFixed(0)} µs`, `${ratio(cpuUs.http1, cpuUs.http2)} x`);
}

/** What packing a page of a list costs both sides together, and below which bandwidth it saves time. */
function benchPacking() {
  const page = Buffer.from(JSON.stringify({ kind: 'PodList', items: Array.from({ length: 500 }, podLike) }));
  const packed = gzipSync(page, { level: 1 });
  const times = Array.from({ length: ROUNDS }, () => cpuMsOfNow(() => gunzipSync(gzipSync(page, { level: 1 }))));
  const savedMbit = ((page.length - packed.length) * 8) / 1e6;
  report('a page of 500 pods, packed', `${((packed.length / page.length) * 100).toFixed(0)} %`);
  report('  packing and unpacking pay below', `${(savedMbit / (Math.min(...times) / 1000)).toFixed(0)} Mbit/s`);
}

async function watch(client) {
  let seen = 0;
  for await (const { type } of client.watch(SECRET, { namespace: NAME.namespace })) {
    if (type === 'MODIFIED') seen += 1;
    if (seen === EVENTS) return;
  }
}

async function getByHttp1(pool) {
  const { body } = await pool.request({ method: 'GET', path: PATH, headers: HEADERS });
  return JSON.parse(await body.text());
}

function getByHttp2(session) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    const stream = session.request({ ':path': PATH, ...HEADERS });
    stream.on('data', (chunk) => chunks.push(chunk)).on('error', reject);
    stream.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
  });
}

/** The best figure of each way; they take turns, so that what else the machine does meets all. */
async function bestOf(rounds, ways, measure) {
  const best = {};
  for (let round = 0; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) best[name] = Math.min(best[name] ?? Infinity, await measure(way));
  }
  return best;
}

async function repeat(count, work) {
  await inParallel(new Array(count).keys(), work);
}

async function cpuMsOf(work) {
  const begin = process.cpuUsage();
  await work();
  return cpuMsSince(begin);
}

function cpuMsOfNow(work) {
  const begin = process.cpuUsage();
  work();
  return cpuMsSince(begin);
}

function cpuMsSince(begin) {
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}

function podLike(_, index) {
  const id = (length) => Array.from({ length }, () => Math.floor(Math.random() * 16).toString(16)).join('');
  const env = Array.from({ length: 8 }, (_, key) => ({ name: `SETTING_${key}`, value: id(16) }));
  const lastTransitionTime = new Date(1.7e12 + index * 7919e3).toISOString();
  const types = ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'];
  return {
    metadata: {
      name: `web-${id(8)}`,
      namespace: `team-${index % 7}`,
      uid: id(32),
      labels: { app: `web-${index % 20}` },
    },
    spec: {
      nodeName: `node-${index % 100}`,
      containers: [{ name: 'main', image: 'registry.example.com/web:1.2.3', env }],
    },
    status: {
      phase: 'Running',
      conditions: types.map((type) => ({ type, status: 'True', lastTransitionTime })),
      containerStatuses: [{ ready: true, containerID: `containerd://${id(64)}` }],
    },
  };
}

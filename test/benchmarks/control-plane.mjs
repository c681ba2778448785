// The control plane by itself: its start, what a write costs beyond its JSON, what watchers, definitions and stored objects cost.
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { Agent, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { load } from 'js-yaml';
import { inParallel, ratio, report, timed } from './bench.mjs';

const STARTS = 5;
const WATCHERS = 1000;
const EVENTS = 100;

export async function benchControlPlane(count) {
  await benchStart();
  await benchWrites(count);
  await benchWatchers();
  await benchDefinitions();
  await benchMemory(count * 10);
}

// ---- start

async function benchStart() {
  const inProcess = await median(() => withPeer('control-plane', 'tls', ({ startedInMs }) => startedInMs));
  report('start to first answer, in process', `${inProcess.toFixed(0)} ms`, 'at most 100 ms');
  const bare = await median(() =>
    timed(async () => {
      await once(spawn(process.execPath, ['-e', '0']), 'exit');
    }),
  );
  const command = await median(startOfCommand);
  report(
    'start to first answer, as a command',
    `${command.toFixed(0)} ms`,
    `at most 400 ms; ${bare.toFixed(0)} ms of it are Node's`,
  );
}

async function startOfCommand() {
  const directory = mkdtempSync(join(tmpdir(), 'trueup-bench-'));
  const bin = fileURLToPath(import.meta.resolve('@trueup/control-plane/package.json')).replace(
    'package.json',
    'dist/bin.js',
  );
  const begin = performance.now();
  const child = spawn(process.execPath, [bin, '--write-kubeconfig', join(directory, 'kubeconfig')]);
  try {
    const [line] = await once(createInterface(child.stdout), 'line');
    await answered(/https:\S+/.exec(line)[0]);
    return performance.now() - begin;
  } finally {
    child.kill();
    await once(child, 'exit');
    rmSync(directory, { recursive: true });
  }
}

function answered(url) {
  return new Promise((resolve, reject) => {
    httpsRequest(`${url}/version`, { rejectUnauthorized: false }, (response) => {
      response.resume().on('end', resolve);
    })
      .on('error', reject)
      .end();
  });
}

async function median(measure) {
  const results = [];
  for (let run = 0; run < STARTS; run += 1) results.push(await measure());
  return results.sort((a, b) => a - b)[STARTS >> 1];
}

// ---- writes

async function benchWrites(count) {
  for (const [what, path, body] of [
    ['ConfigMaps of 1.5 kB', '/api/v1/namespaces/default/configmaps', aConfigMap],
    ['Pods', '/api/v1/namespaces/default/pods', aPod],
  ]) {
    const echo = await creations('echo', path, count, body);
    const server = await creations('control-plane', path, count, body);
    report(`${count} ${what} created over HTTP`, `${Math.round(count / (server.ms / 1000))}/s`);
    report('  rate, by that of an echo of the same bodies', ratio(echo.ms, server.ms), 'at least 0.5');
    report('  CPU of the server, by that of the echo', ratio(server.cpuMs, echo.cpuMs));
    report('  CPU of the server, each', `${((server.cpuMs * 1000) / count).toFixed(0)} µs`);
  }
}

function creations(peer, path, count, body) {
  return withPeer(peer, 'bare', async (server) => {
    const names = Array.from({ length: count }, (_, index) => `object-${index}`);
    const post = (name) => server.send('POST', path, JSON.stringify(body(name)));
    // What is compiled on the way is no part of a rate.
    await inParallel(names.slice(0, count / 10), (name) => post(`warm-${name}`));
    const before = await server.usage();
    const ms = await timed(() => inParallel(names, post));
    const { cpuMs } = await server.usage();
    return { ms, cpuMs: cpuMs - before.cpuMs };
  });
}

function aConfigMap(name) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { 'runconfig.json': 'x'.repeat(1500) } };
}

function aPod(name) {
  const container = {
    name: 'main',
    image: 'ghcr.io/example/server:1.2.3',
    env: [{ name: 'A', value: 'b' }],
    ports: [{ name: 'http', containerPort: 8080 }],
    resources: { requests: { cpu: '100m', memory: '64Mi' } },
    volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
  };
  const volumes = [{ name: 'config', configMap: { name: 'config' } }];
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: name } },
    spec: { containers: [container], volumes },
  };
}

// ---- watchers

/** Each event is written as text once, whoever watches; what it costs a watcher, by what bare writes of the bytes cost. */
async function benchWatchers() {
  const ours = await deliveries('control-plane');
  const bare = await deliveries('echo');
  report(`${WATCHERS} watchers of a kind: times an event is encoded`, ratio(ours.encodings, EVENTS), '1');
  report('  CPU of the server, an event and watcher', `${((ours.cpuMs * 1000) / EVENTS / WATCHERS).toFixed(1)} µs`);
  report('  by that of bare writes of the same bytes', ratio(ours.cpuMs, bare.cpuMs));
}

function deliveries(peer) {
  const path = '/api/v1/namespaces/default/configmaps';
  return withPeer(peer, 'counting', async (server) => {
    const { received, stop } = await watch(server, `${path}?watch=true`);
    const before = await server.usage();
    for (let event = 0; event < EVENTS; event += 1) {
      await server.send('POST', path, JSON.stringify(aConfigMap(`watched-${event}`)));
      await received(WATCHERS * (event + 1));
    }
    const { cpuMs, encodings } = await server.usage();
    stop();
    return { cpuMs: cpuMs - before.cpuMs, encodings };
  });
}

async function watch(server, path) {
  let lines = 0;
  let notify = () => undefined;
  const requests = await Promise.all(
    Array.from({ length: WATCHERS }, async () => {
      const sent = httpRequest(server.url + path, { headers: server.headers, agent: false });
      sent.on('error', () => undefined);
      sent.end();
      const [response] = await once(sent, 'response');
      response.on('data', (chunk) => {
        for (const byte of chunk) if (byte === 10) lines += 1;
        notify();
      });
      response.on('error', () => undefined);
      return sent;
    }),
  );
  const begin = lines;
  return {
    received: (count) =>
      new Promise((resolve) => {
        notify = () => {
          if (lines - begin >= count) resolve();
        };
        notify();
      }),
    stop: () => requests.forEach((sent) => sent.destroy()),
  };
}

// ---- definitions and memory

async function benchDefinitions() {
  const directory = fileURLToPath(new URL('../../crds', import.meta.url));
  const definitions = readdirSync(directory)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .map((file) => load(readFileSync(join(directory, file), 'utf8')));
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const install = async ({ send }) => {
    await Promise.all(definitions.map((definition) => send('POST', path, JSON.stringify(definition))));
    for (const { spec } of definitions) {
      const { name } = spec.versions.find(({ served }) => served);
      await send('GET', `/apis/${spec.group}/${name}/${spec.names.plural}`);
    }
  };
  const ms = await median(() => withPeer('control-plane', 'bare', (server) => timed(() => install(server))));
  report(`${definitions.length} definitions installed and served`, `${ms.toFixed(0)} ms`, 'under 500 ms for 14');
}

async function benchMemory(count) {
  const path = '/api/v1/namespaces/default/configmaps';
  const names = Array.from({ length: count }, (_, index) => `small-${index}`);
  const aSmallObject = (name) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { a: 'b' } });
  const { before, after } = await withPeer('control-plane', 'bare', async ({ send, usage }) => {
    const before = await usage();
    await inParallel(names, (name) => send('POST', path, JSON.stringify(aSmallObject(name))));
    return { before: before.rss, after: (await usage()).rss };
  });
  report(`${count} small objects stored: memory (RSS)`, `${Math.round(after / 1e6)} MB`, 'under 400 MB');
  report('  more than without them, each', `${Math.round((after - before) / count)} bytes`);
}

// ---- peers

/** Works with a server in a process of its own: ours, or one that only parses and writes JSON. */
async function withPeer(peer, mode, work) {
  const child = fork(fileURLToPath(new URL(`${peer}-process.mjs`, import.meta.url)), [mode]);
  const [{ url, token = '', startedInMs }] = await once(child, 'message');
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const usage = async () => {
    child.send('usage');
    const [answer] = await once(child, 'message');
    return answer;
  };
  try {
    const sendTo = (method, path, body) => send(agent, method, url + path, headers, body);
    return await work({ url, headers, startedInMs, usage, send: sendTo });
  } finally {
    agent.destroy();
    child.kill();
    await once(child, 'exit');
  }
}

function send(agent, method, url, headers, body) {
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const sent = httpRequest(url, { agent, method, headers: { ...headers, ...length } }, (response) => {
      if (response.statusCode >= 300) reject(new Error(`${method} ${url}: ${response.statusCode}`));
      response.resume().on('end', resolve);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

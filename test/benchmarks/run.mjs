// Measures the operator against a floor in the same run: `npm run bench`. Ratios count, not the figures.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { Operator } from '@trueup/core';
import { Client, clusterFromToken } from '@trueup/kube';
import { pino } from 'pino';
import application from '../../examples/operator/dist/operator.js';

const SERVERS = Number(process.argv[2] ?? 1000);
const CONCURRENCY = 8;
// Finalizer, two service accounts, role, binding, run configuration, Deployment, Service, and two statuses.
const WRITES_PER_SERVER = 10;
const SETTLE = { timeoutMs: 300_000 };

const server = await startServer();
try {
  report('control plane, start to first answered request', `${Math.round(server.startedInMs)} ms`, 'under 150 ms');
  const floorMs = await floor();
  await operatorRun(floorMs);
} finally {
  server.child.kill();
}

/** The API server in a process of its own, so that stalls and memory are the operator's. */
async function startServer() {
  const child = fork(fileURLToPath(new URL('server.mjs', import.meta.url)));
  const [started] = await once(child, 'message');
  return { child, ...started };
}

function connection() {
  return clusterFromToken({ server: server.url, token: server.token, ca: server.caCertificate });
}

/** The same number of writes of objects of the same size, from bare client calls: what no operator can beat. */
async function floor() {
  const client = new Client(connection());
  const resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
  const data = { 'runconfig.json': 'x'.repeat(1500) };
  await namespace(client, 'floor');
  const names = Array.from({ length: SERVERS * WRITES_PER_SERVER }, (_, index) => `floor-${index}`);
  const begin = performance.now();
  await inParallel(names, (name) =>
    client.apply(
      resource,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'floor', name }, data },
      { fieldManager: 'floor', force: true },
    ),
  );
  const floorMs = performance.now() - begin;
  report(`floor: ${names.length} applies, ${CONCURRENCY} at a time`, `${Math.round(floorMs)} ms`, '');
  await client.close();
  return floorMs;
}

async function operatorRun(floorMs) {
  const client = new Client(connection());
  const operator = await Operator.create({
    ...application,
    connection: connection(),
    logger: pino({ level: 'warn' }, pino.destination(2)),
  });
  let writes = 0;
  operator.client.onRequest(({ verb }) => {
    if (!['get', 'list', 'watch'].includes(verb)) writes += 1;
  });
  await operator.installKinds();
  await namespace(client, 'bench');
  const kind = operator.kinds.find(({ resource }) => resource.kind === 'MCPServer');
  const names = Array.from({ length: SERVERS }, (_, index) => `server-${index}`);
  await inParallel(names, (name) => client.create(kind.resource, anMCPServer(name)));

  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const cpu = process.cpuUsage();
  const begin = performance.now();
  await operator.start();
  await operator.settle(SETTLE);
  const settledMs = performance.now() - begin;
  const { user, system } = process.cpuUsage(cpu);
  delay.disable();
  const stallMs = delay.max / 1e6;
  report(
    `${SERVERS} MCPServers with their children, start to settled`,
    `${Math.round(settledMs)} ms`,
    `${ratio(settledMs, floorMs)} x floor`,
  );
  report('  writes, reconciles', `${writes}, ${operator.reconcileCount}`, `${ratio(writes, SERVERS)} writes a server`);
  report('  CPU of the operator', `${((user + system) / 1e6).toFixed(1)} s`, '');
  report('  longest event-loop stall', `${stallMs.toFixed(0)} ms`, 'under 100 ms');
  report('  memory (RSS)', `${Math.round(process.memoryUsage().rss / 1e6)} MB`, '');

  writes = 0;
  const reconciles = operator.reconcileCount;
  await inParallel(names, (name) =>
    client.mergePatch(kind.resource, { namespace: 'bench', name }, { metadata: { labels: { touched: 'yes' } } }),
  );
  await operator.settle(SETTLE);
  report('  writes after settling, every object touched once', String(writes), '0');
  report('  reconciles for that', String(operator.reconcileCount - reconciles), `${SERVERS}`);
  await operator.stop();
  await client.close();
}

function anMCPServer(name) {
  const spec = { image: 'ghcr.io/example/server', transport: 'streamable-http', env: [{ name: 'A', value: 'b' }] };
  return {
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'MCPServer',
    metadata: { namespace: 'bench', name },
    spec,
  };
}

async function namespace(client, name) {
  const resource = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
  await client.create(resource, { apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
}

async function inParallel(items, work) {
  const queue = [...items];
  await Promise.all(
    Array.from({ length: CONCURRENCY }, async () => {
      for (let item = queue.pop(); item !== undefined; item = queue.pop()) await work(item);
    }),
  );
}

function ratio(value, base) {
  return (value / base).toFixed(2);
}

function report(what, value, goal) {
  process.stdout.write(`${what.padEnd(62)} ${value.padStart(14)}   ${goal}\n`);
}

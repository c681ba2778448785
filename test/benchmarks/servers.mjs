// A thousand MCPServers with their children, against bare client calls of the same number and size.
import { Operator } from '@trueup/core';
import { pino } from 'pino';
import application from '../../examples/operator/dist/operator.js';
import {
  CONCURRENCY,
  SETTLE,
  countRequests,
  inParallel,
  makeNamespace,
  ratio,
  report,
  startServer,
  timed,
} from './bench.mjs';
import { longestStretch } from './longest-stretch.mjs';

/** Finalizer, service accounts, role, binding, run configuration, Deployment, Service, and the statuses on the way. */
const WRITES_A_SERVER = 10;

export async function benchServers(count) {
  const server = await startServer();
  try {
    report('control plane, start to first answered request', `${Math.round(server.startedInMs)} ms`, 'under 150 ms');
    const floorMs = await floor(server, count * WRITES_A_SERVER);
    await operatorRun(server, count, floorMs);
  } finally {
    await server.client.close();
    server.stop();
  }
}

/** What no operator can beat: the writes alone, from bare client calls. */
async function floor({ client }, writes) {
  const resource = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
  const data = { 'runconfig.json': 'x'.repeat(1500) };
  await makeNamespace(client, 'floor');
  const names = Array.from({ length: writes }, (_, index) => `floor-${index}`);
  const apply = (name) =>
    client.apply(
      resource,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'floor', name }, data },
      { fieldManager: 'floor', force: true },
    );
  const floorMs = await timed(() => inParallel(names, apply));
  report(`floor: ${writes} applies, ${CONCURRENCY} at a time`, `${Math.round(floorMs)} ms`);
  return floorMs;
}

async function operatorRun({ client, connection }, count, floorMs) {
  const operator = await Operator.create({
    ...application,
    connection: connection(),
    logger: pino({ level: 'warn' }, pino.destination(2)),
  });
  const { counts, forget } = countRequests(operator);
  await operator.installKinds();
  await makeNamespace(client, 'bench');
  const { resource } = operator.kinds.find((kind) => kind.resource.kind === 'MCPServer');
  const names = Array.from({ length: count }, (_, index) => `server-${index}`);
  await inParallel(names, (name) => client.create(resource, anMCPServer(name)));

  forget();
  const stretch = longestStretch();
  const cpu = process.cpuUsage();
  const settledMs = await timed(async () => {
    await operator.start();
    await operator.settle(SETTLE);
  });
  const { user, system } = process.cpuUsage(cpu);
  const stall = stretch.stop();
  report(
    `${count} MCPServers with their children, start to settled`,
    `${Math.round(settledMs)} ms`,
    `${ratio(settledMs, floorMs)} x floor`,
  );
  report('  writes', counts.writes, `${ratio(counts.writes, count)} a server`);
  report('  reconciles', operator.reconcileCount, `${ratio(operator.reconcileCount, count)} a server`);
  report('  CPU of the operator', `${((user + system) / 1e6).toFixed(1)} s`);
  report(
    '  longest event-loop stall',
    `${stall.cpuMs.toFixed(0)} ms`,
    `under 100 ms; by the clock ${stall.clockMs.toFixed(0)} ms`,
  );
  report('  memory (RSS)', `${Math.round(process.memoryUsage().rss / 1e6)} MB`);

  forget();
  const reconciles = operator.reconcileCount;
  await inParallel(names, (name) =>
    client.mergePatch(resource, { namespace: 'bench', name }, { metadata: { labels: { touched: 'yes' } } }),
  );
  await operator.settle(SETTLE);
  report('  every object touched once: writes', counts.writes, '0');
  report('  every object touched once: reconciles', operator.reconcileCount - reconciles, String(count));
  await operator.stop();
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

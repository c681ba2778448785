// A large steady state: what it costs while nothing changes, when every watch has expired, and when the operator is restarted.
import { createServer, request } from 'node:http';
import { once } from 'node:events';
import { Operator } from '@trueup/core';
import { clusterFromToken } from '@trueup/kube';
import { pino } from 'pino';
import { Greeting, GreetingStyle, hello } from '../../examples/hello-config/dist/hello-config.js';
import { SETTLE, countRequests, inParallel, makeNamespace, report, startServer, timed } from './bench.mjs';

const apiVersion = 'hello.trueup.dev/v1';
const namespace = 'bench';
/** Long enough for whatever looks again by itself every few seconds. */
const QUIET_MS = 15_000;

export async function benchSteadyState(count) {
  const server = await startServer({ tls: false });
  const gateway = await startGateway(server.url);
  const { client } = server;
  const operators = [];
  const startOperator = async () => {
    const operator = await Operator.create({
      modules: [hello],
      connection: clusterFromToken({ server: gateway.url, token: server.token }),
      logger: pino({ level: 'error' }, pino.destination(2)),
      digestKey: 'benchmark',
    });
    operators.push(operator);
    return { operator, ...countRequests(operator) };
  };
  try {
    const { operator, counts, forget } = await startOperator();
    await operator.installKinds();
    await operator.start();
    await makeNamespace(client, namespace);
    await client.create(GreetingStyle.resource, {
      apiVersion,
      kind: 'GreetingStyle',
      metadata: { namespace, name: 'shared' },
      spec: { greeting: 'Hello' },
    });
    const names = Array.from({ length: count }, (_, index) => `greeting-${index}`);
    const settledMs = await timed(async () => {
      await inParallel(names, (name) =>
        client.create(Greeting.resource, {
          apiVersion,
          kind: 'Greeting',
          metadata: { namespace, name },
          spec: { name, styleRef: { name: 'shared' } },
        }),
      );
      await operator.settle(SETTLE);
    });
    report(`${count} objects with a child each, created to settled`, `${Math.round(settledMs / 1000)} s`);

    const during = async (what, work) => {
      forget();
      const before = operator.reconcileCount;
      await work();
      report(`  ${what}: writes, reconciles`, `${counts.writes}, ${operator.reconcileCount - before}`, '0, 0');
    };
    await during(`${QUIET_MS / 1000} s in which nothing changes`, () => pause(QUIET_MS));
    await during('every watch expires and is listed anew', async () => {
      await gateway.expireWatches();
      await operator.settle(SETTLE);
    });
    await operator.stop();

    const anew = await startOperator();
    const restartMs = await timed(async () => {
      await anew.operator.start();
      await anew.operator.settle(SETTLE);
    });
    report(
      '  a restart of the operator: writes, reconciles',
      `${anew.counts.writes}, ${anew.operator.reconcileCount}`,
      `0, ${count + 1}`,
    );
    report('  a restart of the operator: time', `${(restartMs / 1000).toFixed(1)} s`);
  } finally {
    for (const operator of operators) await operator.stop();
    await client.close();
    gateway.stop();
    server.stop();
  }
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Stands before the API server and can say of all watches that their versions are too old. */
async function startGateway(target) {
  const watches = new Set();
  /** Watches that are asked for from an old version, and refused. */
  let expired = new Set();
  let allRefused = () => undefined;
  const gateway = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url, target);
    const isWatch = url.searchParams.get('watch') === 'true';
    if (isWatch && expired.delete(url.pathname)) {
      if (expired.size === 0) allRefused();
      return sendGone(outgoing);
    }
    const forwarded = request(url, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode, answer.headers);
      answer.pipe(outgoing);
    });
    forwarded.on('error', () => outgoing.destroy());
    outgoing.on('close', () => forwarded.destroy());
    incoming.pipe(forwarded);
    if (!isWatch) return;
    const watch = { path: url.pathname, end: () => outgoing.destroy() };
    watches.add(watch);
    outgoing.on('close', () => watches.delete(watch));
  });
  gateway.listen(0, '127.0.0.1');
  await once(gateway, 'listening');
  return {
    url: `http://127.0.0.1:${gateway.address().port}`,
    /** Ends all watches, and resolves when each was asked for again and refused. */
    async expireWatches() {
      expired = new Set([...watches].map(({ path }) => path));
      const refused = new Promise((resolve) => (allRefused = resolve));
      for (const watch of watches) watch.end();
      await refused;
    },
    stop() {
      gateway.closeAllConnections();
      gateway.close();
    },
  };
}

function sendGone(outgoing) {
  const status = {
    kind: 'Status',
    apiVersion: 'v1',
    status: 'Failure',
    code: 410,
    reason: 'Expired',
    message: 'too old',
  };
  outgoing.writeHead(410, { 'content-type': 'application/json' });
  outgoing.end(JSON.stringify(status));
}

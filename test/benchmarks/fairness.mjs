// Fairness between namespaces: how long a crowd of objects delays a single change of somebody else.
import { setTimeout as pause } from 'node:timers/promises';
import { Operator } from '@trueup/core';
import { pino } from 'pino';
import { Greeting, GreetingStyle, hello } from '../../examples/hello-config/dist/hello-config.js';
import { CONCURRENCY, SETTLE, inParallel, makeNamespace, report, startServer } from './bench.mjs';

const apiVersion = 'hello.trueup.dev/v1';
/** Changes of the quiet tenant while the crowd is at work. */
const CHANGES = 20;

export async function benchFairness(count) {
  const server = await startServer({ tls: false });
  const { client } = server;
  const startOperator = async () => {
    const operator = await Operator.create({
      modules: [hello],
      connection: server.connection(),
      logger: pino({ level: 'error' }, pino.destination(2)),
      digestKey: 'benchmark',
    });
    await operator.installKinds();
    return operator;
  };
  const create = (kind, namespace, name, spec) =>
    client.create(kind.resource, { apiVersion, kind: kind.resource.kind, metadata: { namespace, name }, spec });
  const greet = (namespace, name) => create(Greeting, namespace, name, { name, styleRef: { name: 'own' } });
  const change = (kind, namespace, name, spec) => client.mergePatch(kind.resource, { namespace, name }, { spec });

  let operator = await startOperator();
  try {
    await operator.start();
    for (const namespace of ['crowd', 'quiet']) {
      await makeNamespace(client, namespace);
      await create(GreetingStyle, namespace, 'own', { greeting: 'Hello' });
    }
    await greet('quiet', 'one');
    await inParallel(
      Array.from({ length: count }, (_, index) => `greeting-${index}`),
      (name) => greet('crowd', name),
    );
    await operator.settle(SETTLE);

    const delays = async (what, hurry) => {
      const done = operator.reconcileCount + count;
      await hurry();
      const overtaken = [];
      for (let round = 0; round < CHANGES && operator.reconcileCount < done - CONCURRENCY; round += 1) {
        const written = writeIn(operator, 'quiet');
        await change(Greeting, 'quiet', 'one', { name: `${what} ${round}` });
        const before = operator.reconcileCount;
        await written;
        overtaken.push(operator.reconcileCount - before);
        await pause(20);
      }
      await operator.settle(SETTLE);
      const sorted = overtaken.sort((a, b) => a - b);
      report(
        `${what}: reconciles before a single change, median / most of ${sorted.length}`,
        `${sorted[Math.floor(sorted.length / 2)]} / ${sorted.at(-1)}`,
        `a few; ${CONCURRENCY} run at once`,
      );
    };
    await delays(`${count} objects whose config changed`, () =>
      change(GreetingStyle, 'crowd', 'own', { greeting: 'Welcome' }),
    );
    await operator.stop();
    await change(GreetingStyle, 'crowd', 'own', { greeting: 'Good evening' });
    operator = await startOperator();
    await delays(`${count} objects after a start`, () => operator.start());
  } finally {
    await operator.stop();
    await client.close();
    server.stop();
  }
}

/** Resolves when the operator has written a child there. */
function writeIn(operator, wanted) {
  return new Promise((resolve) => {
    const forget = operator.client.onRequest(({ verb, resource, namespace }) => {
      if (verb !== 'patch' || resource.kind !== 'ConfigMap' || namespace !== wanted) return;
      forget();
      resolve();
    });
  });
}

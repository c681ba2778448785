// One shared config and its users: what a change of the config costs, by how many there are.
import { Operator } from '@trueup/core';
import { pino } from 'pino';
import { Greeting, GreetingStyle, hello } from '../../examples/hello-config/dist/hello-config.js';
import { SETTLE, countRequests, inParallel, makeNamespace, report, startServer, timed } from './bench.mjs';

const apiVersion = 'hello.trueup.dev/v1';

export async function benchReferences(counts) {
  for (const count of counts) await withUsers(count);
}

async function withUsers(count) {
  const server = await startServer();
  const { client } = server;
  const operator = await Operator.create({
    modules: [hello],
    connection: server.connection(),
    logger: pino({ level: 'warn' }, pino.destination(2)),
  });
  const { counts, forget } = countRequests(operator);
  try {
    await operator.installKinds();
    await operator.start();
    const namespace = 'bench';
    await makeNamespace(client, namespace);
    await client.create(GreetingStyle.resource, {
      apiVersion,
      kind: 'GreetingStyle',
      metadata: { namespace, name: 'shared' },
      spec: { greeting: 'Hello' },
    });
    await operator.settle(SETTLE);
    forget();
    const names = Array.from({ length: count }, (_, index) => `greeting-${index}`);
    await inParallel(names, (name) =>
      client.create(Greeting.resource, {
        apiVersion,
        kind: 'Greeting',
        metadata: { namespace, name },
        spec: { name, styleRef: { name: 'shared' } },
      }),
    );
    await operator.settle(SETTLE);
    report(
      `one config, ${count} users: status writes on it as they come`,
      counts.writesOf.GreetingStyle ?? 0,
      'at most 10',
    );
    const config = await client.get(GreetingStyle.resource, { namespace, name: 'shared' });
    report('  size of the config', `${Math.round(JSON.stringify(config).length / 1024)} KiB`, 'under 64 KiB');

    forget();
    const before = operator.reconcileCount;
    const lists = counts.lists;
    let listsWhileChanging = 0;
    const changeMs = await timed(async () => {
      await client.mergePatch(GreetingStyle.resource, { namespace, name: 'shared' }, { spec: { greeting: 'Welcome' } });
      while (operator.reconcileCount - before < count + 1) await new Promise((resolve) => setTimeout(resolve, 5));
      listsWhileChanging = counts.lists - lists;
      await operator.settle(SETTLE);
    });
    report(
      '  the config changes: reconciles',
      operator.reconcileCount - before,
      `${count + 1}: each user once, and the config`,
    );
    report(
      '  the config changes: lists, status writes on it',
      `${listsWhileChanging}, ${counts.writesOf.GreetingStyle ?? 0}`,
      '0, 1',
    );
    report('  the config changes: time a user', `${(changeMs / count).toFixed(2)} ms`, 'the same for all counts');
  } finally {
    await operator.stop();
    await client.close();
    server.stop();
  }
}

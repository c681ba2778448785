// Runs the example on a control plane in this process, and fails when it does not do what it says.
import { deepStrictEqual } from 'node:assert';
import { ConfigMap } from '@trueup/core';
import { Harness } from '@trueup/testing';
import { Greeting, GreetingStyle, hello } from './hello-config.js';

const apiVersion = 'hello.trueup.dev/v1';

const harness = await Harness.start({ modules: [hello] });
try {
  await harness.apply(
    { apiVersion, kind: 'GreetingStyle', metadata: { name: 'warm' }, spec: { greeting: 'Hello' } },
    { apiVersion, kind: 'Greeting', metadata: { name: 'world' }, spec: { name: 'World', styleRef: { name: 'warm' } } },
  );
  await harness.settle();
  await show('created', { text: 'Hello, World!', ready: 'True', references: 1 });

  await harness.patch(GreetingStyle, 'warm', { spec: { greeting: 'H3llo' } });
  await harness.settle();
  await show('broken: what was served stays', { text: 'Hello, World!', ready: 'False', references: 1 });

  await harness.patch(GreetingStyle, 'warm', { spec: { greeting: 'Welcome', mark: '.' } });
  await harness.settle();
  await show('healed', { text: 'Welcome, World.', ready: 'True', references: 1 });

  await harness.delete(GreetingStyle, 'warm');
  await harness.settle();
  await show('deletion blocked', { text: 'Welcome, World.', ready: 'True', references: 1 });

  await harness.delete(Greeting, 'world');
  await harness.settle();
  deepStrictEqual(await harness.get(GreetingStyle, 'warm'), undefined);
  process.stdout.write('freed: the last user is gone, and so is the style\n');
} finally {
  await harness.stop();
}

async function show(step: string, expected: { text: string; ready: string; references: number }): Promise<void> {
  const greeting = await harness.require(Greeting, 'world');
  const actual = {
    text: (await harness.require(ConfigMap, 'world')).data?.['text'],
    ready: greeting.status?.conditions?.find(({ type }) => type === 'Ready')?.status,
    references: (await harness.require(GreetingStyle, 'warm')).status?.referenceCount,
  };
  process.stdout.write(`${step}: ${JSON.stringify(actual)}\n`);
  deepStrictEqual(actual, expected);
}

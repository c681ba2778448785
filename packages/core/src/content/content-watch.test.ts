import { setImmediate } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken } from '@trueup/kube';
import { pino } from 'pino';
import { ManualClock } from '../../test-support/manual-clock.js';
import { ContentWatch } from './content-watch.js';

it('tells who asked for what the server said nothing of for minutes, once it is known', async () => {
  await using controlPlane = await ControlPlane.start({ tls: false });
  const clock = new ManualClock();
  const connect = () => controlPlane.connect();
  const { url: server, token } = controlPlane;
  const client = new Client({ ...clusterFromToken({ server, token }), connect }, { clock });
  const content = new ContentWatch({
    client,
    clock,
    random: () => 0,
    log: pino({ level: 'silent' }),
    digestKey: async () => 'key',
  });
  const untilTold = (act: (notify: () => void) => void) => new Promise<void>((resolve) => act(resolve));
  const lookup = (notify: () => void) =>
    content.lookup({ kind: 'Secret', name: 'absent' }, 'default', { id: 'asker', notify });
  await untilTold((notify) => void lookup(notify));

  const release = controlPlane.faults.inject({ type: 'stall-watch', match: { resource: 'secrets' } });
  const begun = new Promise<void>((resolve) => void controlPlane.requests.subscribe(() => resolve()));
  let state: string | undefined;
  const told = untilTold((notify) => ({ state } = lookup(notify)));
  expect(state).toBe('pending');
  await begun;
  // The beginning of the answer is on its way, within this process.
  for (let turn = 0; turn < 10; turn += 1) await setImmediate();
  clock.advance(65_000);
  release();
  await told;
  expect(lookup(() => undefined)).toEqual({ state: 'missing' });

  await content.stop();
  await client.close();
});

import { expect, it } from '@jest/globals';
import type { EventFault, FaultSchedule } from './fault-schedule.js';
import { FaultyWatch } from './faulty-watch.js';
import { SimulatedTime } from './simulated-time.js';

interface Seen {
  readonly type: string;
  readonly object: { readonly metadata?: { readonly name?: string; readonly resourceVersion: string } };
}

const event = (name: string, version: number): string =>
  JSON.stringify({ type: 'MODIFIED', object: { kind: 'Thing', metadata: { name, resourceVersion: String(version) } } });
const bookmark = JSON.stringify({
  type: 'BOOKMARK',
  object: { kind: 'Thing', metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } } },
});

/** A watch on which the events of some objects meet a fault, and what is seen of it: `ms: name version`. */
function aWatch(faults: Readonly<Record<string, EventFault>>, beginsWithList = false) {
  const clock = new SimulatedTime();
  const seen: string[] = [];
  const schedule: Pick<FaultSchedule, 'ofEvent'> = { ofEvent: (_, object) => faults[object] };
  const watch = new FaultyWatch({
    replica: 'r',
    schedule,
    clock,
    beginsWithList,
    send: (line) => {
      const { type, object } = JSON.parse(line) as Seen;
      const { name, resourceVersion } = object.metadata ?? {};
      seen.push(`${clock.elapsedMs}: ${type === 'MODIFIED' ? `${name} ${resourceVersion}` : type}`);
    },
    end: () => seen.push('end'),
  });
  const accept = (...lines: readonly string[]): void => watch.accept(lines.map((line) => `${line}\n`).join(''));
  return { watch, clock, seen, accept };
}

it('drops an event and not those after it; the watch expires later', async () => {
  const { clock, seen, accept, watch } = aWatch({ 'Thing/a': { type: 'drop', expiresAfterMs: 50 } });
  accept(event('a', 1), event('b', 2));
  expect(watch.hasDropped).toBe(true);
  await clock.pass(100);
  expect(seen).toEqual(['0: b 2', '50: ERROR', 'end']);
  expect(watch.hasDropped).toBe(false);
});

it('repeats an event', () => {
  const { seen, accept } = aWatch({ 'Thing/a': { type: 'repeat' } });
  accept(event('a', 1));
  expect(seen).toEqual(['0: a 1', '0: a 1']);
});

it('keeps the reader some events behind for a while, in order', async () => {
  const { clock, seen, accept } = aWatch({ 'Thing/a': { type: 'late', events: 1, ms: 50 } });
  accept(event('a', 1), event('b', 2), event('b', 3));
  expect(seen).toEqual(['0: a 1', '0: b 2']);
  await clock.pass(100);
  accept(event('b', 4));
  expect(seen.slice(2)).toEqual(['50: b 3', '100: b 4']);
});

it('leaves the list alone with which a watch begins', () => {
  const { seen, accept } = aWatch({ 'Thing/a': { type: 'drop', expiresAfterMs: 50 } }, true);
  accept(event('a', 1), bookmark, event('a', 2));
  expect(seen).toEqual(['0: a 1', '0: BOOKMARK']);
});

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ControlPlane } from '@trueup/control-plane';
import { Client, clusterFromToken, silentLogger, type KubernetesObject } from '@trueup/kube';
import { until } from '@trueup/testing/until';
import { ManualClock } from '../../test-support/manual-clock.js';
import { Event } from '../builtin-kinds.js';
import { EventRecorder, type EventNote } from './event-recorder.js';
import { TokenBuckets } from './token-buckets.js';

const MINUTE_MS = 60_000;
const BROKEN: EventNote = { type: 'Warning', reason: 'Broken', action: 'Check', note: 'it is broken' };

describe('an event recorder', () => {
  let controlPlane: ControlPlane;
  let client: Client;
  let clock: ManualClock;
  let recorder: EventRecorder;
  let object: KubernetesObject;
  let objects = 0;
  const writes: string[] = [];
  const warnings: string[] = [];

  beforeAll(async () => {
    controlPlane = await ControlPlane.start({ tls: false });
    client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
    client.onRequest(({ verb, status }) => verb !== 'list' && writes.push(`${verb} ${status}`));
  });
  afterAll(async () => {
    await client.close();
    await controlPlane.stop();
  });
  beforeEach(() => {
    objects += 1;
    object = anObject(`web-${objects}`);
    clock = new ManualClock();
    recorder = aRecorder();
    writes.length = 0;
    warnings.length = 0;
  });

  const anObject = (name: string): KubernetesObject => ({
    apiVersion: 'example.com/v1',
    kind: 'Website',
    metadata: { name, namespace: 'default', uid: `uid-of-${name}`, resourceVersion: '7' },
  });
  const log = { ...silentLogger, warn: (fields: object) => void warnings.push(JSON.stringify(fields)) };
  const aRecorder = (more: { readonly maxSeries?: number } = {}) =>
    new EventRecorder({ clock, reportingInstance: 'here', client, log, ...more });
  const emit = (note: Partial<EventNote> = {}, about = object) =>
    recorder.emit(about, 'website-controller', { ...BROKEN, ...note }, { client, log });
  const events = async (about = object) =>
    (await client.list<Event>(Event.resource, { namespace: 'default' })).items.filter(
      ({ regarding }) => regarding?.name === about.metadata.name,
    );
  const counts = async () => (await events()).map(({ series }) => series?.count ?? 1);
  /** What is written by a timer has nobody who waits for it. */
  const written = async (expected: readonly string[]) => {
    await until(() => writes.length >= expected.length);
    expect(writes).toEqual(expected);
  };

  it('tells what happened to what, by whom', async () => {
    await emit();
    const [event] = await events();
    expect(event).toMatchObject({
      ...BROKEN,
      metadata: { namespace: 'default' },
      regarding: { kind: 'Website', name: object.metadata.name, uid: object.metadata.uid },
      reportingController: 'website-controller',
      reportingInstance: 'here',
      eventTime: '2026-01-01T00:00:00.000000Z',
    });
    expect(event?.series).toBeUndefined();
  });

  it('makes one series of the same event within six minutes, written the second time and when it is over', async () => {
    await emit();
    for (let times = 2; times <= 5; times += 1) {
      clock.advance(MINUTE_MS);
      await emit();
    }
    expect(writes).toEqual(['create 201', 'patch 200']);
    expect(await counts()).toEqual([2]);

    clock.advance(6 * MINUTE_MS);
    await written(['create 201', 'patch 200', 'patch 200']);
    const [{ series } = {}] = await events();
    expect(series).toEqual({ count: 5, lastObservedTime: '2026-01-01T00:04:00.000000Z' });

    clock.advance(60 * MINUTE_MS);
    await emit();
    expect((await counts()).sort()).toEqual([1, 5]);
    expect(clock.timerCount).toBe(1);
  });

  it('writes a series that goes on every half an hour, and anew when it has expired', async () => {
    await emit();
    await emit();
    const [event] = await events();
    await client.delete(Event.resource, event?.metadata ?? { name: '' });
    writes.length = 0;
    for (let minute = 5; minute <= 35; minute += 5) {
      clock.advance(5 * MINUTE_MS);
      await emit();
    }
    await written(['patch 404', 'create 201']);
    expect(await counts()).toEqual([8]);
  });

  it.each<Partial<EventNote>>([{ note: 'otherwise' }, { reason: 'Other' }, { action: 'Other' }, { type: 'Normal' }])(
    'takes one with another %j for another event',
    async (other) => {
      await emit();
      await emit(other);
      expect(await counts()).toEqual([1, 1]);
    },
  );

  it('tells 25 of an object at once, then one in five minutes; another object has its own', async () => {
    for (let index = 0; index < 30; index += 1) await emit({ note: `note ${index}` });
    expect(await events()).toHaveLength(25);
    clock.advance(5 * MINUTE_MS);
    await emit({ note: 'later' });
    await emit({ note: 'too soon' });
    expect(await events()).toHaveLength(26);
    const other = anObject('other');
    await emit({}, other);
    expect(await events(other)).toHaveLength(1);
  });

  it('writes what is left when it is flushed, and leaves no timer behind', async () => {
    for (let times = 1; times <= 4; times += 1) await emit();
    await recorder.flush();
    expect(await counts()).toEqual([4]);
    expect(clock.timerCount).toBe(0);
    await recorder.flush();
    expect(writes).toHaveLength(3);
  });

  it('flushes every event, whatever becomes of one, and sets no timer for a write that fails then', async () => {
    const failing = { type: 'status', code: 500, times: 1, match: { verb: 'patch', resource: 'events' } } as const;
    for (const note of ['one', 'other']) for (let times = 1; times <= 3; times += 1) await emit({ note });
    controlPlane.faults.inject(failing);
    await recorder.flush();
    expect((await counts()).sort()).toEqual([2, 3]);
    controlPlane.faults.inject({ ...failing, match: { verb: 'create', resource: 'events' } });
    await emit({ note: 'late' });
    expect(clock.timerCount).toBe(0);
  });

  it('tries again what the server fails to write, and does not write it twice', async () => {
    controlPlane.faults.inject({ type: 'status', code: 500, times: 1, match: { verb: 'create', resource: 'events' } });
    controlPlane.faults.inject({ type: 'reset', when: 'after', times: 1, match: { verb: 'create' } });
    await emit();
    expect(await events()).toEqual([]);
    clock.advance(10_000);
    await written(['create 500', 'create undefined']);
    await until(() => clock.timerCount > 0);
    clock.advance(10_000);
    await written(['create 500', 'create undefined', 'create 409']);
    expect(await counts()).toEqual([1]);
    expect(warnings).toEqual([]);
  });

  it('logs what the server refuses, and asks no more', async () => {
    await emit({}, anObject('Not A Namespace'));
    await emit({ reason: '' });
    expect(warnings).toEqual([expect.stringContaining('reason')]);
    expect(clock.timerCount).toBeLessThanOrEqual(1);
    clock.advance(20 * MINUTE_MS);
    expect(writes).toEqual(['create 201', 'create 422']);
  });

  it('cuts a note to the kilobyte that is allowed, between characters', async () => {
    await emit({ note: `a${'ä'.repeat(1_000)}` });
    const [{ note } = {}] = await events();
    expect(note).toBe(`a${'ä'.repeat(511)}`);
  });

  it('remembers no more than so many events; what is forgotten is written first', async () => {
    recorder = aRecorder({ maxSeries: 2 });
    for (let times = 1; times <= 3; times += 1) await emit();
    await emit({ note: 'second' });
    await emit({ note: 'third' });
    await written(['create 201', 'patch 200', 'create 201', 'patch 200', 'create 201']);
    expect((await counts()).sort()).toEqual([1, 1, 3]);
  });
});

describe('token buckets', () => {
  it('fill again with time, for each key by itself, and never above the brim', () => {
    const buckets = new TokenBuckets({ capacity: 2, refillMs: 10, maxKeys: 10 });
    const taken = (key: string, ...times: readonly number[]) => times.map((nowMs) => buckets.take(key, nowMs));
    expect(taken('a', 0, 0, 0)).toEqual([true, true, false]);
    expect(taken('b', 0)).toEqual([true]);
    expect(taken('a', 9, 10, 10)).toEqual([false, true, false]);
    expect(taken('a', 1_000, 1_000, 1_000)).toEqual([true, true, false]);
  });

  it('forget the key that was used longest ago', () => {
    const buckets = new TokenBuckets({ capacity: 1, refillMs: 1_000, maxKeys: 2 });
    expect(['a', 'b', 'a', 'c', 'a', 'b'].map((key) => buckets.take(key, 0))).toEqual([
      ...[true, true, false, true, false, true],
    ]);
  });
});

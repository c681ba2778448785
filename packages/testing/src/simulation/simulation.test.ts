import { describe, expect, it } from '@jest/globals';
import {
  ConfigMap,
  defineKind,
  defineModule,
  Owns,
  Reconciler,
  type Context,
  type ObjectOf,
  type OperatorModule,
} from '@trueup/core';
import { z } from 'zod';
import { FaultSchedule } from './fault-schedule.js';
import { requestSubject } from './request-subject.js';
import { applies, deletes, edits, type Scenario } from './scenario.js';
import { SimulatedTime, SimulatedTimeoutError } from './simulated-time.js';
import { Simulation, SimulationError } from './simulation.js';

const Counter = defineKind({
  group: 'simulation.example.com',
  kind: 'Counter',
  versions: { v1: {} },
  spec: z.object({ step: z.number().int() }),
});
type Counter = ObjectOf<typeof Counter>;

const aMap = ({ metadata }: Counter, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: metadata.name },
  data,
});

@Reconciler(Counter)
@Owns(ConfigMap)
class LevelTriggered {
  desired(counter: Counter) {
    return [aMap(counter, { step: String(counter.spec.step) })];
  }
}

/** Counts its own reconciles: one that starts anew begins anew. */
@Reconciler(Counter)
@Owns(ConfigMap)
class Forgetful {
  #seen = 0;

  desired(counter: Counter) {
    this.#seen += 1;
    return [aMap(counter, { reconciles: String(this.#seen) })];
  }
}

/** Notes how often it tried before it came through. */
@Reconciler(Counter)
@Owns(ConfigMap)
class EdgeTriggered {
  #attempts = 0;

  desired(counter: Counter, ctx: Context) {
    const held = ctx.get(ConfigMap, counter.metadata.name)?.data;
    const step = String(counter.spec.step);
    if (held?.['step'] === step) return [aMap(counter, { ...held })];
    this.#attempts += 1;
    return [aMap(counter, { step, attempts: String(this.#attempts) })];
  }
}

const scenario = (reconciler: OperatorModule['reconcilers'][number]): Scenario => ({
  name: reconciler.name,
  modules: [defineModule({ name: 'counters', kinds: [Counter], reconcilers: [reconciler] })],
  steps: [
    applies('a counter comes', {
      apiVersion: 'simulation.example.com/v1',
      kind: 'Counter',
      metadata: { name: 'a' },
      spec: { step: 1 },
    }),
    edits('it changes', Counter, 'a', { spec: { step: 2 } }),
    deletes('it goes', Counter, 'a'),
  ],
});

const SEEDS = [1, 2, 3, 4, 5];

async function failureOf(simulation: Simulation): Promise<SimulationError> {
  for (const seed of SEEDS) {
    const failure = await simulation.run(seed).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure instanceof SimulationError) return failure;
  }
  throw new Error('no seed failed');
}

describe('a simulation', () => {
  it('ends with a level-triggered operator as undisturbed, and replays a seed exactly', async () => {
    const simulation = new Simulation(scenario(LevelTriggered));
    const [once, again] = [await simulation.run(1), await simulation.run(1)];
    expect(once.faults).not.toEqual([]);
    expect(again.history).toEqual(once.history);
    const [made, changed, gone] = await simulation.undisturbed();
    expect(made?.get('ConfigMap/a')).toMatchObject({ data: { step: '1' } });
    expect(changed?.get('ConfigMap/a')).toMatchObject({ data: { step: '2' } });
    expect(gone?.get('ConfigMap/a')).toBeUndefined();
  });

  it('finds an operator out that cannot start anew without writing', async () => {
    await expect(new Simulation(scenario(Forgetful)).undisturbed()).rejects.toThrow(
      /^Forgetful with no faults, step "it changes": an operator that is started anew writes: patch configmaps a\n/,
    );
  });

  it('finds an operator out whose result depends on how it got there, and names seed, step, difference and faults', async () => {
    const failure = await failureOf(new Simulation(scenario(EdgeTriggered)));
    expect(failure.differences.map(({ path }) => path)).toContain('ConfigMap/a: data.attempts');
    expect(failure.faults.length).toBeGreaterThan(0);
    expect(failure.message).toMatch(
      /^EdgeTriggered with seed \d, step "[^"]+": came to rest otherwise than undisturbed\n/,
    );
    expect(failure.message).toContain(failure.faults[0]);
  });
});

describe('simulated time', () => {
  it('passes in no time, from timer to timer, with what follows from each in between', async () => {
    const time = new SimulatedTime();
    const seen: string[] = [];
    const see = (what: string) => seen.push(`${time.elapsedMs} ${what}`);
    time.schedule(3_600_000, () => see('an hour'));
    time.schedule(1_000, () => {
      void Promise.resolve().then(() => setImmediate(() => time.schedule(500, () => see('later'))));
      see('a second');
    });
    time.schedule(2_000, () => see('never'))();
    await time.pass(3_600_000);
    expect(seen).toEqual(['1000 a second', '1500 later', '3600000 an hour']);
  });

  it('goes on until something is done, and gives up when that does not come', async () => {
    const time = new SimulatedTime();
    const done = new Promise<string>((resolve) => time.schedule(60_000, () => resolve('done')));
    expect(await time.until(done, 100_000)).toBe('done');
    expect(time.elapsedMs).toBe(60_000);
    await expect(time.until(new Promise(() => undefined), 100_000)).rejects.toThrow(SimulatedTimeoutError);
  });
});

describe('a schedule of faults', () => {
  const asked = (schedule: FaultSchedule, paths: readonly string[]) => {
    schedule.begin(0);
    return new Map(paths.map((path) => [path, schedule.ofRequest('replica-0', { verb: 'patch', path })]));
  };
  const paths = Array.from({ length: 50 }, (_, index) => `configmaps/${index}`);

  it('means the same faults for a seed, in whatever order requests come', () => {
    const there = asked(new FaultSchedule(7), paths);
    const back = asked(new FaultSchedule(7), paths.toReversed());
    expect(Object.fromEntries(back)).toEqual(Object.fromEntries(there));
    expect(Object.fromEntries(asked(new FaultSchedule(8), paths))).not.toEqual(Object.fromEntries(there));
  });

  it('has every kind of fault of a write among a few, and none without a seed or between steps', () => {
    const faults = [...asked(new FaultSchedule(1), [...paths, ...paths.map((path) => `${path}/status`)]).values()];
    expect(new Set(faults.map((fault) => fault?.type))).toEqual(
      new Set([undefined, 'crash', 'reset', 'silence', 'refusal', 'outage']),
    );
    expect(new Set(asked(new FaultSchedule(undefined), paths).values())).toEqual(new Set([undefined]));
    const ended = new FaultSchedule(1);
    ended.begin(0);
    ended.end();
    expect(paths.map((path) => ended.ofRequest('replica-0', { verb: 'patch', path }))).toEqual(
      paths.map(() => undefined),
    );
  });

  it('lets a request through that was met by faults often enough', () => {
    const schedule = new FaultSchedule(1);
    schedule.begin(0);
    const again = Array.from({ length: 100 }, () => schedule.ofRequest('r', { verb: 'patch', path: 'a' }));
    expect(again.slice(3)).toEqual(again.slice(3).map(() => undefined));
  });
});

describe('the subject of a request', () => {
  it.each([
    ['GET', '/api/v1/namespaces/ns/configmaps?limit=500', 'list', 'configmaps/500'],
    ['GET', '/api/v1/namespaces/ns/configmaps?watch=1&resourceVersion=7', 'watch', 'configmaps'],
    ['GET', '/api/v1/namespaces/ns', 'get', 'namespaces/ns'],
    ['GET', '/apis/g.io/v1', 'list', '/apis/g.io/v1'],
    ['PATCH', '/apis/g.io/v1/namespaces/ns/things/a/status?force=true', 'patch', 'things/a/status'],
    ['DELETE', '/apis/g.io/v1/namespaces/ns/things/a', 'delete', 'things/a'],
    ['POST', '/apis/g.io/v1/things', 'create', 'things'],
    ['PATCH', '/apis/events.k8s.io/v1/namespaces/ns/events/a.93df83', 'patch', 'events/a'],
    ['DELETE', '/api/v1/namespaces/ns/pods/web-5f6-x7k2p', 'delete', 'pods/web-5f6'],
  ])('%s %s is %s %s', (method, url, verb, path) => {
    expect(requestSubject(method, url)).toMatchObject({ verb, path });
  });
});

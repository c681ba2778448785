import { ControlPlane } from '@trueup/control-plane';
import { installKinds, type KindOf } from '@trueup/core';
import { Client, clusterFromToken, parseManifests, type KubernetesObject } from '@trueup/kube';
import { pino, type Logger } from 'pino';
import type { ManifestObject } from '../harness.js';
import { OperatorAccount } from '../operator-account.js';
import { FastClock } from './fast-clock.js';
import { FaultSchedule, type FaultRecord } from './fault-schedule.js';
import { Replica } from './replica.js';
import { differencesBetween, restingState, type Difference, type RestingState } from './resting-state.js';
import type { Deed, Scenario, Step } from './scenario.js';

export interface SimulationOptions {
  /** Of the operators. Default: silent. */
  readonly logger?: Logger;
  /** How long a step may take to come to rest, in milliseconds. Default 20 000. */
  readonly settleTimeoutMs?: number;
}

/** Thrown when faults lead an operator somewhere else than it gets without them. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';

  constructor(
    readonly scenario: string,
    /** With this seed the same faults happen again. */
    readonly seed: number | undefined,
    readonly step: string,
    problem: string,
    readonly faults: readonly FaultRecord[],
    readonly differences: readonly Difference[] = [],
  ) {
    super(
      [
        `${scenario} with ${seed === undefined ? 'no faults' : `seed ${seed}`}, step "${step}": ${problem}`,
        ...differences.map(
          (each) =>
            `  ${each.path}\n    undisturbed: ${shown(each.undisturbed)}\n    disturbed:   ${shown(each.disturbed)}`,
        ),
        'faults:',
        ...faults.map((fault) => `  ${fault}`),
      ].join('\n'),
    );
  }
}

const NAMESPACE = 'simulation';
/** A second of backoff is over in 25 ms, and a request may still take 750. */
const SPEED = 40;
const SETTLE_TIMEOUT_MS = 20_000;

/**
 * Plays a scenario with faults that follow from a seed, and compares where it comes to rest after each step with the same
 * scenario without faults.
 *
 * @example
 * ```ts
 * const simulation = new Simulation(scenario);
 * for (let seed = 1; seed <= 20; seed += 1) await simulation.run(seed);
 * ```
 */
export class Simulation {
  readonly #scenario: Scenario;
  readonly #options: SimulationOptions;
  #undisturbed: Promise<readonly RestingState[]> | undefined;

  constructor(scenario: Scenario, options: SimulationOptions = {}) {
    this.#scenario = scenario;
    this.#options = options;
  }

  /** How everything stands after each step when nothing goes wrong. Played once. */
  undisturbed(): Promise<readonly RestingState[]> {
    this.#undisturbed ??= this.#play(undefined).then(({ states }) => states);
    return this.#undisturbed;
  }

  /**
   * Plays the scenario with the faults of a seed.
   *
   * @returns the faults that happened.
   * @throws {@link SimulationError} when a step does not come to rest, or comes to rest otherwise than undisturbed.
   */
  async run(seed: number): Promise<readonly FaultRecord[]> {
    const expected = await this.undisturbed();
    return (await this.#play(seed, expected)).faults;
  }

  async #play(
    seed: number | undefined,
    expected?: readonly RestingState[],
  ): Promise<{ readonly states: readonly RestingState[]; readonly faults: readonly FaultRecord[] }> {
    const schedule = new FaultSchedule(seed);
    await using world = await World.start(this.#scenario, schedule, this.#options);
    const states: RestingState[] = [];
    for (const [index, step] of this.#scenario.steps.entries()) {
      const fail = (problem: string, differences?: readonly Difference[]) =>
        new SimulationError(this.#scenario.name, seed, step.name, problem, schedule.records, differences);
      try {
        await world.play(step, index);
      } catch (error) {
        throw Object.assign(fail(error instanceof Error ? error.message : String(error)), { cause: error });
      }
      const state = restingState(world.controlPlane, NAMESPACE);
      const differences = differencesBetween(expected?.[index] ?? state, state);
      if (differences.length > 0) throw fail('came to rest otherwise than undisturbed', differences);
      states.push(state);
    }
    return { states, faults: schedule.records };
  }
}

/** A server, its users, and the replicas of the operator. */
class World implements AsyncDisposable {
  private constructor(
    private readonly schedule: FaultSchedule,
    private readonly options: SimulationOptions,
    readonly controlPlane: ControlPlane,
    private readonly client: Client,
    private readonly account: OperatorAccount,
    private readonly leader: (name: string) => Replica,
    private readonly first: Replica,
  ) {}

  static async start(scenario: Scenario, schedule: FaultSchedule, options: SimulationOptions): Promise<World> {
    const clock = new FastClock(SPEED);
    const controlPlane = await ControlPlane.start({ tls: false, clock: () => new Date(clock.now()) });
    scenario.prepare?.(controlPlane);
    const client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
    await controlPlane.api.create(
      { group: '', plural: 'namespaces' },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    );
    const kinds = [...new Set(scenario.modules.flatMap((module) => module.kinds))];
    await installKinds(client, kinds, AbortSignal.timeout(SETTLE_TIMEOUT_MS));
    const account = await OperatorAccount.create(controlPlane, scenario.modules, { namespace: NAMESPACE });
    const leader = (name: string): Replica =>
      new Replica({
        name,
        modules: scenario.modules,
        connection: account.connection,
        namespace: NAMESPACE,
        schedule,
        clock,
        logger: options.logger ?? pino({ level: 'silent' }),
        ...(scenario.register === undefined ? {} : { register: scenario.register }),
      });
    return new World(schedule, options, controlPlane, client, account, leader, leader('replica-0'));
  }

  /** Plays a step among faults, ends these, and waits until nothing is left to do. */
  async play({ deeds }: Step, index: number): Promise<void> {
    const signal = AbortSignal.any([
      this.account.signal,
      AbortSignal.timeout(this.options.settleTimeoutMs ?? SETTLE_TIMEOUT_MS),
    ]);
    this.schedule.begin(index);
    const second = this.schedule.hasTwoLeaders ? this.leader('replica-1') : undefined;
    try {
      for (const deed of deeds) await this.#do(deed);
      await Promise.all([this.#settle(this.first, signal), second && this.#settle(second, signal)]);
    } finally {
      await second?.stop();
      this.schedule.end();
    }
    await this.#settle(this.first, signal);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.first.stop();
    await this.client.close();
    await this.controlPlane.stop();
    this.account.close();
  }

  async #settle(replica: Replica, signal: AbortSignal): Promise<void> {
    let reconciles: number;
    do {
      reconciles = await replica.reconcileCount();
      await this.controlPlane.settle({ signal });
      await replica.settle(signal);
    } while ((await replica.reconcileCount()) !== reconciles || !this.controlPlane.isIdle);
  }

  async #do(deed: Deed): Promise<void> {
    switch (deed.type) {
      case 'apply':
        for (const object of deed.objects.flatMap(objectsOf)) await this.#apply(object);
        return;
      case 'edit':
        await this.client.mergePatch(deed.kind.resource, named(deed.kind, deed.name), deed.patch);
        return;
      case 'delete':
        await this.client.delete(deed.kind.resource, named(deed.kind, deed.name));
    }
  }

  async #apply(object: KubernetesObject): Promise<void> {
    const [version = '', group = ''] = object.apiVersion.split('/').reverse();
    const resource = await this.client.discover({ group, version, kind: object.kind });
    const metadata = resource.namespaced ? { namespace: NAMESPACE, ...object.metadata } : object.metadata;
    await this.client.apply(resource, { ...object, metadata }, { fieldManager: 'user', force: true });
  }
}

function named({ resource }: KindOf, name: string): { readonly namespace?: string; readonly name: string } {
  return resource.namespaced ? { namespace: NAMESPACE, name } : { name };
}

function objectsOf(manifest: string | ManifestObject): readonly KubernetesObject[] {
  return typeof manifest === 'string' ? parseManifests(manifest, 'manifest').map(({ object }) => object) : [manifest];
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

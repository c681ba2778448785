import { ControlPlane, type RequestRecord } from '@trueup/control-plane';
import { installKinds } from '@trueup/core';
import { Client, clusterFromToken } from '@trueup/kube';
import type { Logger } from 'pino';
import { OperatorAccount } from '../operator-account.js';
import type { FaultSchedule } from './fault-schedule.js';
import { Meddler } from './meddler.js';
import { Replica } from './replica.js';
import { restingState, type RestingState } from './resting-state.js';
import type { Scenario, Step } from './scenario.js';
import { SeededRandom } from './seeded-random.js';
import { SimulatedTime } from './simulated-time.js';
import { Users } from './users.js';

export interface WorldOptions {
  readonly scenario: Scenario;
  /** Absent: nothing goes wrong. */
  readonly seed: number | undefined;
  readonly schedule: FaultSchedule;
  readonly logger: Logger;
}

const NAMESPACE = 'simulation';
/** So long things go wrong in a step; longer than the longest outage and the time after which a silent watch is found out. */
const FAULTY_MS = 120_000;
/** And so long they go right before everything is compared: each backoff is over by then, and each look has been taken. */
const CALM_MS = 120_000;
const SETTLE_LIMIT_MS = 1_800_000;
/** So long an operator that is started anew has to look at everything. */
const START_MS = 60_000;
/** Its User-Agent. */
const OPERATOR = 'simulated-operator';
/** Of one thing in a step. Faults, retries and meddling make a few dozen; more is a loop. */
const MOST_WRITES = 100;

/** A server, its users, and the replicas of the operator. */
export class World implements AsyncDisposable {
  /** What the operator wrote, and how often, since the step began. */
  readonly #written = new Map<string, number>();

  readonly #history: string[] = [];
  readonly #users: Users;
  readonly #meddler: Meddler;
  readonly #first: Replica;

  private constructor(
    private readonly options: WorldOptions,
    private readonly time: SimulatedTime,
    private readonly controlPlane: ControlPlane,
    private readonly client: Client,
    private readonly account: OperatorAccount,
  ) {
    const { api, requests } = controlPlane;
    const { schedule } = options;
    this.#users = new Users(client, NAMESPACE);
    this.#first = this.#replica('replica-0');
    this.#meddler = new Meddler({ api, namespace: NAMESPACE, schedule, restart: () => void this.#first.restart() });
    requests.subscribe((record) => this.#count(record));
  }

  static async start(options: WorldOptions): Promise<World> {
    const { modules, prepare } = options.scenario;
    // The server's controllers retry in real time: simulated time waits for them.
    const time: SimulatedTime = new SimulatedTime(() => !controlPlane.isIdle);
    const controlPlane = await ControlPlane.start({
      tls: false,
      clock: { now: () => new Date(time.now()), schedule: (delayMs, callback) => time.schedule(delayMs, callback) },
    });
    prepare?.(controlPlane);
    const { url: server, token } = controlPlane;
    const connection = { ...clusterFromToken({ server, token }), connect: () => controlPlane.connect() };
    const client = new Client(connection, { clock: time });
    await controlPlane.api.create(
      { group: '', plural: 'namespaces' },
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } },
    );
    const kinds = [...new Set(modules.flatMap((module) => module.kinds))];
    // In real time: what is loaded when it is first used must be there before simulated time begins.
    await installKinds(client, kinds, new AbortController().signal);
    const account = await OperatorAccount.create(controlPlane, modules, { namespace: NAMESPACE });
    return new World(options, time, controlPlane, client, account);
  }

  /** What has happened so far. */
  get history(): readonly string[] {
    return this.#history;
  }

  /** How everything stands. */
  state(): RestingState {
    return restingState(this.controlPlane, NAMESPACE, this.options.scenario.drawn);
  }

  /** Plays a step among faults, ends these, and waits until nothing is left to do. */
  async play({ deeds }: Step, index: number, held: ReadonlySet<string>): Promise<void> {
    const { time } = this;
    const { schedule } = this.options;
    schedule.begin(index);
    this.#written.clear();
    const second = schedule.hasTwoLeaders ? this.#replica('replica-1') : undefined;
    for (const meddling of schedule.meddlings())
      time.schedule(meddling.atMs, () => {
        this.#meddler.meddle(meddling, held).catch(() => undefined);
      });
    try {
      for (const [deedIndex, deed] of deeds.entries()) {
        await time.pass(schedule.pauseBefore(deedIndex));
        await time.until(this.#users.do(deed), SETTLE_LIMIT_MS);
      }
      await time.pass(FAULTY_MS);
    } finally {
      if (second !== undefined) await time.until(second.stop(), SETTLE_LIMIT_MS);
      schedule.end();
    }
    await time.pass(CALM_MS);
    await this.#settle();
    // Two without a Lease between them, of which one does not know of a change yet, wrestle until it does.
    if (second === undefined) this.#requireCalm();
    await this.#startAnew();
    this.account.signal.throwIfAborted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.time.until(this.#first.stop(), SETTLE_LIMIT_MS);
    await this.client.close();
    await this.controlPlane.stop();
    this.account.close();
  }

  /** @throws when an operator that starts where all is as it should be finds something to write. */
  async #startAnew(): Promise<void> {
    await this.time.until(this.#first.restart(), SETTLE_LIMIT_MS);
    // The one that stopped may have had repeated events to count.
    this.#written.clear();
    await this.time.pass(START_MS);
    await this.#settle();
    if (this.#written.size > 0)
      throw new Error(`an operator that is started anew writes: ${[...this.#written.keys()].join(', ')}`);
  }

  /** @throws when something was written over and over. */
  #requireCalm(): void {
    for (const [what, times] of this.#written)
      if (times > MOST_WRITES) throw new Error(`in a circle: ${what}, ${times} times`);
  }

  #count({ changed, userAgent, verb, resource, name = '', subresource = '' }: RequestRecord): void {
    if (!changed || userAgent !== OPERATOR) return;
    const what = `${verb} ${resource} ${name} ${subresource}`.trim();
    this.#written.set(what, (this.#written.get(what) ?? 0) + 1);
  }

  /** @throws what still moves after half an hour. */
  async #settle(): Promise<void> {
    const limit = new AbortController();
    const settled = this.#first.settle(limit.signal);
    const cancel = this.time.schedule(SETTLE_LIMIT_MS, () => limit.abort(new Error('it does not come to rest')));
    await this.time.until(settled, 2 * SETTLE_LIMIT_MS);
    cancel();
  }

  #replica(name: string): Replica {
    const { scenario, seed = 0, schedule, logger } = this.options;
    const random = new SeededRandom(seed, name);
    return new Replica({
      name,
      modules: scenario.modules,
      connection: this.account.connection,
      namespace: NAMESPACE,
      userAgent: OPERATOR,
      server: () => this.controlPlane.connect(),
      schedule,
      clock: this.time,
      random: () => random.next(),
      observe: (event) => this.#history.push(`${this.time.elapsedMs} ms: ${event}`),
      logger,
      ...(scenario.register === undefined ? {} : { register: scenario.register }),
    });
  }
}

import { Operator, type OperatorModule, type OperatorOptions } from '@trueup/core';
import type { Clock, ClusterConnection } from '@trueup/kube';
import type { Logger } from 'pino';
import type { FaultSchedule } from './fault-schedule.js';
import { FaultyNetwork } from './faulty-network.js';

export interface ReplicaOptions {
  /** `replica-0`. */
  readonly name: string;
  readonly modules: readonly OperatorModule[];
  readonly register?: OperatorOptions['register'];
  readonly connection: ClusterConnection;
  readonly namespace: string;
  readonly schedule: FaultSchedule;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Life {
  readonly network: FaultyNetwork;
  readonly operator: Operator;
}

const SETTLE_TIMEOUT_MS = 1_000;

/** An operator as a cluster runs it: when it crashes it is started again. */
export class Replica {
  readonly #stopping = new AbortController();
  #life: Promise<Life>;
  readonly #ended: Promise<void>;

  constructor(private readonly options: ReplicaOptions) {
    this.#life = this.#begin();
    this.#ended = this.#live();
  }

  /** Resolves when it has nothing left to do, after as many crashes as come. @throws what moves when the signal aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    let unsettled: unknown;
    for (;;) {
      const current = this.#life;
      const { operator } = await current;
      try {
        await operator.settle({ signal, timeoutMs: SETTLE_TIMEOUT_MS });
        if (this.#life === current) return;
      } catch (error) {
        if (signal.aborted) throw unsettled ?? error;
        unsettled = error;
      }
    }
  }

  /** Reconciles since the last crash. */
  async reconcileCount(): Promise<number> {
    return (await this.#life).operator.reconcileCount;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!signal.aborted) {
      const { operator, network } = await this.#life;
      await Promise.race([network.crashed, stopped]);
      if (!signal.aborted) this.#life = this.#begin();
      await operator.stop();
      await network.close();
    }
    await this.#life.then(async ({ operator, network }) => {
      await operator.stop();
      await network.close();
    });
  }

  async #begin(): Promise<Life> {
    const { name, modules, register, connection, namespace, schedule, clock, logger } = this.options;
    const network = await FaultyNetwork.open({ server: connection.server, replica: name, schedule });
    const operator = await Operator.create({
      modules,
      connection: { ...connection, server: network.url },
      namespaces: [namespace],
      digestKey: 'simulation',
      clock,
      logger,
      ...(register === undefined ? {} : { register }),
    });
    // Ends with the operator: a crash may come before it has started.
    operator
      .start()
      .catch((error: unknown) => logger.debug({ error }, 'the operator was stopped before it had started'));
    return { network, operator };
  }
}

import { Operator, type OperatorModule, type OperatorOptions } from '@trueup/core';
import { sleep, type ClusterConnection } from '@trueup/kube';
import type { Logger } from 'pino';
import { FaultyNetwork, type FaultyNetworkOptions } from './faulty-network.js';

export interface ReplicaOptions extends Omit<FaultyNetworkOptions, 'replica'> {
  /** `replica-0`. */
  readonly name: string;
  readonly modules: readonly OperatorModule[];
  readonly register?: OperatorOptions['register'];
  /** How it logs in. */
  readonly connection: ClusterConnection;
  readonly namespace: string;
  readonly userAgent: string;
  readonly random: () => number;
  readonly logger: Logger;
}

interface Life {
  readonly network: FaultyNetwork;
  readonly operator: Operator;
  /** Resolves when it crashes, or ends because it cannot start. */
  readonly ended: Promise<'crash'>;
}

/** Longer than any backoff of an operator under test. Real time: nothing here waits for it. */
const SETTLE_TIMEOUT_MS = 600_000;
const RESTART_MS = 1_000;

/** An operator as a cluster runs it: when it crashes it is started again. */
export class Replica {
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;
  #operator: Operator | undefined;
  #endLife: () => void = () => undefined;
  #lifeIsOver = Promise.resolve();

  constructor(private readonly options: ReplicaOptions) {
    this.#ended = this.#live();
  }

  /** Resolves when it has nothing left to do. @throws what moves when the signal aborts. */
  async settle(signal: AbortSignal): Promise<void> {
    if (this.#operator === undefined) throw new Error('the operator does not run');
    await this.#operator.settle({ signal, timeoutMs: SETTLE_TIMEOUT_MS });
  }

  /** Ends the operator as a rollout does; resolves when it has stopped. Another one is started then. */
  restart(): Promise<void> {
    this.#endLife();
    return this.#lifeIsOver;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #live(): Promise<void> {
    const { signal } = this.#stopping;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    while (!signal.aborted) {
      const { operator, network, ended } = await this.#begin();
      let tellOver = (): void => undefined;
      this.#lifeIsOver = new Promise((resolve) => (tellOver = resolve));
      this.#operator = operator;
      const asked = new Promise<'restart'>((resolve) => (this.#endLife = () => resolve('restart')));
      const end = await Promise.race([ended, stopped, asked]);
      this.#operator = undefined;
      if (end === 'crash') network.close();
      await operator.stop();
      tellOver();
      network.close();
      await sleep(this.options.clock, RESTART_MS, signal).catch(() => undefined);
    }
  }

  async #begin(): Promise<Life> {
    const { name, modules, register, connection, namespace, userAgent, clock, random, logger } = this.options;
    const network = new FaultyNetwork({ ...this.options, replica: name });
    const operator = await Operator.create({
      name: userAgent,
      modules,
      connection: { ...connection, connect: () => network.connect() },
      namespaces: [namespace],
      digestKey: 'simulation',
      clock,
      random,
      logger,
      ...(register === undefined ? {} : { register }),
    });
    const failed = new Promise<'crash'>((resolve) => {
      operator.start().catch((error: unknown) => {
        logger.debug({ error }, 'the operator did not start');
        resolve('crash');
      });
    });
    return { network, operator, ended: Promise.race([network.crashed.then(() => 'crash' as const), failed]) };
  }
}

import { hostname } from 'node:os';
import {
  Client,
  Informers,
  isNotFound,
  loadCluster,
  systemClock,
  type Clock,
  type ClusterConnection,
  type Informer,
  type KubernetesObject,
  type Store,
} from '@trueup/kube';
import { pino, type Logger } from 'pino';
import type { DependencyContainer } from '../dependency-injection.js';
import { anySignal, sharedAbortController } from '../abort-signals.js';
import { Controller } from '../engine/controller.js';
import type { EngineServices } from '../engine/services.js';
import { ContentWatch } from '../content/content-watch.js';
import { digestKeyFrom } from '../content/digest-key.js';
import { SettleTimeoutError } from '../errors.js';
import { EventRecorder } from '../events/event-recorder.js';
import type { Kind, KindOf } from '../kind/kind.js';
import { assemble, type Assembly } from './assembly.js';
import { installKinds } from './install-kinds.js';
import type { OperatorModule } from './module.js';

export interface OperatorOptions {
  readonly modules: readonly OperatorModule[];
  /** The cluster. Default: what `loadCluster()` finds (KUBECONFIG, the pod's service account, ~/.kube/config). */
  readonly connection?: ClusterConnection;
  /** Watch this namespace only. Default: all. */
  readonly namespace?: string;
  /** Name in the User-Agent. Default `trueup`. */
  readonly name?: string;
  /** Overrides what the modules registered: the application's word is the last. */
  readonly register?: (container: DependencyContainer) => void;
  /** Default: pino on stderr at level `info`. */
  readonly logger?: Logger;
  /**
   * Key of the digests of referenced Secrets and ConfigMaps; the same for all replicas and restarts. Default: kept in the
   * Secret `trueup-digest-key` of the namespace the operator runs in, made there when it is first needed.
   */
  readonly digestKey?: string;
  readonly clock?: Clock;
}

/** Deadlines, in milliseconds. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

const DEFAULT_SYNC_TIMEOUT_MS = 60_000;
const DEFAULT_SETTLE_TIMEOUT_MS = 30_000;
/** How long `settle` waits for the caches to move before it compares them with the server again. */
const RECHECK_MS = 20;

/**
 * An operator: modules, assembled on one cluster.
 *
 * @example
 * ```ts
 * const operator = await Operator.create({ modules: [mcpExternalAuthConfig, mcpServer] });
 * await operator.start();
 * ```
 */
export class Operator {
  readonly client: Client;
  readonly #assembly: Assembly;
  readonly #informers: Informers;
  readonly #controllers: readonly Controller[];
  readonly #used = new Map<KindOf['resource'], Informer<KubernetesObject>>();
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #namespace: string | undefined;
  readonly #content: ContentWatch;
  readonly #abort = sharedAbortController();

  private constructor(assembly: Assembly, connection: ClusterConnection, options: OperatorOptions) {
    this.#assembly = assembly;
    this.#clock = options.clock ?? systemClock;
    this.#namespace = options.namespace;
    this.#log = options.logger ?? pino({ name: options.name ?? 'trueup' }, pino.destination(2));
    this.client = new Client(connection, { userAgent: options.name ?? 'trueup' });
    const managers = new Set<string>();
    this.#informers = new Informers(this.client, {
      logger: this.#log,
      clock: this.#clock,
      keepManagers: (manager: string) => managers.has(manager),
    });
    this.#content = new ContentWatch({
      client: this.client,
      log: this.#log,
      digestKey: async () => options.digestKey ?? digestKeyFrom(this.client, connection.namespace, this.#abort.signal),
    });
    const services = this.#engineServices();
    const definitions = assembly.define(services);
    for (const { name } of definitions) managers.add(name);
    this.#controllers = definitions.map((definition) => new Controller(definition, services));
  }

  /**
   * Assembles an operator. Nothing runs yet and nothing is written.
   *
   * @throws {@link AssemblyError} when the modules do not fit together.
   */
  static async create(options: OperatorOptions): Promise<Operator> {
    const assembly = assemble(options.modules, options.register);
    const connection = options.connection ?? (await loadCluster());
    return new Operator(assembly, connection, options);
  }

  /** The kinds whose CustomResourceDefinitions the modules bring. */
  get kinds(): readonly Kind[] {
    return this.#assembly.kinds;
  }

  /** The operator's own container: what modules and application registered. */
  get container(): DependencyContainer {
    return this.#assembly.container;
  }

  /** Reconciles that ended since the start. */
  get reconcileCount(): number {
    return this.#controllers.reduce((sum, controller) => sum + controller.reconcileCount, 0);
  }

  /** Applies the CustomResourceDefinitions of all kinds and waits until they are served. */
  async installKinds(signal: AbortSignal = this.#abort.signal): Promise<void> {
    await installKinds(this.client, this.kinds, anySignal(signal, this.#abort.signal));
  }

  /**
   * Fills the caches, then starts reconciling. Resolves once reconciles run.
   *
   * A kind that the API server does not serve is waited for only if a controller here reconciles it.
   *
   * @throws when a cache cannot be filled in time (default 60 s); it names each kind and why.
   */
  async start({ signal, timeoutMs = DEFAULT_SYNC_TIMEOUT_MS }: WaitOptions = {}): Promise<void> {
    for (const controller of this.#controllers) controller.watch();
    for (const informer of this.#used.values()) informer.start();
    const stop = anySignal(signal, this.#abort.signal);
    const reconciled = new Set(this.#controllers.map(({ definition }) => definition.kind.resource));
    await Promise.all(
      [...this.#used.values()].map((informer) =>
        reconciled.has(informer.resource)
          ? informer.waitForSync({ signal: stop, timeoutMs })
          : informer.waitForSync({
              signal: stop,
              timeoutMs,
              or: (state) => 'lastError' in state && isNotFound(state.lastError),
            }),
      ),
    );
    for (const controller of this.#controllers) controller.start();
    this.#log.info({ kinds: this.kinds.map(({ resource }) => resource.kind) }, 'operator started');
  }

  /**
   * Resolves when nothing is left to do: every queue is empty and every cache has what the API server has. A look that
   * was scheduled for later (`requeueAfter`) is not waited for; a failing object is.
   *
   * @throws {@link SettleTimeoutError} after `timeoutMs` (default 30 s), naming what still moves.
   */
  async settle({ signal, timeoutMs = DEFAULT_SETTLE_TIMEOUT_MS }: WaitOptions = {}): Promise<void> {
    const deadline = AbortSignal.timeout(Math.ceil(timeoutMs));
    const stop = anySignal(deadline, this.#abort.signal, signal);
    while (!(await this.#isSettled(stop))) {
      if (deadline.aborted) throw new SettleTimeoutError(this.#unsettled(timeoutMs));
      stop.throwIfAborted();
      await this.#nextChange(stop);
    }
  }

  /** Stops reconciling, ends all watches and closes all connections. */
  async stop(): Promise<void> {
    await Promise.all(this.#controllers.map((controller) => controller.stop()));
    this.#abort.abort(new Error('the operator was stopped'));
    await Promise.all([this.#informers.stop(), this.#content.stop()]);
    await this.client.close();
  }

  #engineServices(): EngineServices {
    return {
      client: this.client,
      clock: this.#clock,
      events: new EventRecorder(this.client, this.#clock, hostname()),
      log: this.#log,
      content: this.#content,
      store: <T extends KubernetesObject>(kind: KindOf<T>): Store<T> => this.#informer(kind).store,
      hasSynced: (kind) => this.#informer(kind).hasSynced,
    };
  }

  #informer<T extends KubernetesObject>({ resource }: KindOf<T>): Informer<T> {
    const scope = this.#namespace === undefined || !resource.namespaced ? {} : { namespace: this.#namespace };
    const informer = this.#informers.informer<T>(resource, scope);
    this.#used.set(resource, informer);
    return informer;
  }

  get #isIdle(): boolean {
    return this.#controllers.every(({ queue }) => queue.isIdle);
  }

  async #isSettled(signal: AbortSignal): Promise<boolean> {
    if (!this.#isIdle) return false;
    const before = this.reconcileCount;
    for (const informer of this.#used.values()) {
      if (signal.aborted || !(await isCurrent(informer, signal))) return false;
    }
    if (!(await this.#content.isCurrent(signal))) return false;
    return this.#isIdle && this.reconcileCount === before;
  }

  /** A queue that moves, or a moment for the caches to catch up. */
  async #nextChange(signal: AbortSignal): Promise<void> {
    let cancel = (): void => {};
    const moment = new Promise<void>((resolve) => {
      cancel = this.#clock.schedule(RECHECK_MS, resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([
      moment,
      ...this.#controllers.filter(({ queue }) => !queue.isIdle).map(({ queue }) => queue.nextChange()),
    ]);
    cancel();
  }

  #unsettled(timeoutMs: number): string {
    const busy = this.#controllers.flatMap(({ definition, queue }) =>
      queue.pending().map((key) => {
        const failures = queue.failuresOf(key);
        return `${definition.kind.resource.kind} ${key}${failures > 0 ? ` (failed ${failures} times in a row; see the log)` : ''}`;
      }),
    );
    const shown = busy.slice(0, 10).join(', ') + (busy.length > 10 ? ` and ${busy.length - 10} more` : '');
    const what =
      busy.length > 0 ? `still being reconciled: ${shown}` : 'the caches have not caught up with the API server';
    return `Not settled after ${timeoutMs} ms: ${what}`;
  }
}

/** A kind that is not served has nothing to catch up with. */
async function isCurrent(informer: Informer<KubernetesObject>, signal: AbortSignal): Promise<boolean> {
  try {
    return await informer.isCurrent({ signal });
  } catch (error) {
    return isNotFound(error);
  }
}

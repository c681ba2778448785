import { hostname } from 'node:os';
import {
  Client,
  Informers,
  isRead,
  loadCluster,
  systemClock,
  type Clock,
  type ClusterConnection,
  type KubernetesObject,
  type Operation,
  type Store,
} from '@trueup/kube';
import { pino, type Logger } from 'pino';
import type { DependencyContainer } from '../dependency-injection.js';
import { anySignal, sharedAbortController } from '../abort-signals.js';
import { Controller } from '../engine/controller.js';
import type { ControllerDefinition } from '../engine/definition.js';
import type { EngineServices } from '../engine/services.js';
import { ContentWatch } from '../content/content-watch.js';
import { digestKeyFrom } from '../content/digest-key.js';
import { deferred } from '../deferred.js';
import { LeadershipLostError } from '../errors.js';
import { EventRecorder } from '../events/event-recorder.js';
import { isConverting } from '../kind/convert-object.js';
import type { Kind, KindOf } from '../kind/kind.js';
import { leaderElectionSettings } from '../leader-election/leader-election-options.js';
import { LeaseThread, type LeaseThreadOptions } from '../leader-election/lease-thread.js';
import type { OperatorMetrics } from '../metrics/operator-metrics.js';
import type { CheckedOperator } from '../server/operator-checks.js';
import { endpointAddresses, OperatorEndpoints, type EndpointAddresses } from '../server/operator-endpoints.js';
import { installWebhooks, uninstallWebhooks } from '../webhooks/install-webhooks.js';
import type { OperatorWebhooksSettings } from '../webhooks/operator-webhooks.js';
import { WebhooksOnDemand } from '../webhooks/webhooks-on-demand.js';
import { assemble, type Assembly } from './assembly.js';
import { Caches } from './caches.js';
import { installKinds } from './install-kinds.js';
import type { InstallOptions, OperatorOptions, StopOptions, WaitOptions } from './operator-options.js';
import { Settlement } from './settlement.js';
import { reconciledOnly, shardOf, type Shard } from './shard.js';

const DEFAULT_SYNC_TIMEOUT_MS = 60_000;
const DEFAULT_SETTLE_TIMEOUT_MS = 30_000;

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
  readonly #caches: Caches;
  readonly #controllers: readonly Controller[];
  readonly #formerManagers: readonly string[];
  readonly #shard: Shard | undefined;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Logger;
  readonly #content: ContentWatch;
  readonly #events: EventRecorder;
  readonly #abort = sharedAbortController();
  readonly #leaderElection: LeaseThreadOptions | undefined;
  readonly #leading = deferred<void>();
  readonly #ended = deferred<void>();
  readonly #metrics: OperatorMetrics | undefined;
  readonly #addresses: EndpointAddresses;
  readonly #name: string;
  readonly #webhooks: WebhooksOnDemand;
  /** Known before it has begun, so that a stop in between ends it. */
  #opening: Promise<OperatorEndpoints> | undefined;
  #endpoints: OperatorEndpoints | undefined;
  #joining: Promise<LeaseThread> | undefined;
  #lease: LeaseThread | undefined;
  #isReconciling = false;
  #stopping: Promise<void> | undefined;

  private constructor(
    assembly: Assembly,
    connection: ClusterConnection,
    options: OperatorOptions,
    addresses: EndpointAddresses,
    metrics: OperatorMetrics | undefined,
  ) {
    this.#assembly = assembly;
    this.#metrics = metrics;
    this.#addresses = addresses;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    const chance = { clock: this.#clock, random: this.#random };
    this.#formerManagers = options.formerManagers ?? [];
    this.#shard = options.shard && shardOf(options.shard);
    this.#log = options.logger ?? pino({ name: options.name ?? 'trueup' }, pino.destination(2));
    this.client = new Client(connection, { userAgent: options.name ?? 'trueup', logger: this.#log, ...chance });
    this.#leaderElection = this.#candidacy(connection, options);
    const managers = new Set<string>(options.formerManagers);
    const informers = new Informers(this.client, {
      logger: this.#log,
      ...chance,
      keepManagers: (manager: string) => managers.has(manager),
    });
    this.#caches = new Caches(informers, options.namespaces ?? []);
    this.#content = new ContentWatch({
      client: this.client,
      log: this.#log,
      ...chance,
      digestKey: async () => options.digestKey ?? digestKeyFrom(this.client, connection.namespace, this.#abort.signal),
    });
    this.#events = new EventRecorder({
      clock: this.#clock,
      reportingInstance: hostname(),
      client: this.client.scoped({ signal: this.#abort.signal, admit: (operation) => this.#admit(operation) }),
      log: this.#log,
    });
    const services = this.#engineServices();
    const definitions = assembly.define(services);
    for (const { name } of definitions) managers.add(name);
    if (this.#shard) for (const kind of reconciledOnly(definitions)) this.#caches.select(kind, this.#shard.selector);
    this.#controllers = definitions.map((definition) => new Controller(definition, services));
    this.#name = options.name ?? 'trueup';
    this.#webhooks = new WebhooksOnDemand(this.#webhookSettings(options));
    this.#measure();
  }

  /**
   * Assembles an operator. Nothing runs yet and nothing is written.
   *
   * @throws {@link AssemblyError} when the modules do not fit together.
   */
  static async create(options: OperatorOptions): Promise<Operator> {
    const assembly = assemble(options.modules, options.register);
    const addresses = endpointAddresses(options);
    const connection = options.connection ?? (await loadCluster());
    return new Operator(assembly, connection, options, addresses, await metricsFor(addresses, options.metricsLabels));
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

  /** Where `/metrics` is below while the operator runs, with the port it got; undefined when it is not served. */
  get metricsUrl(): string | undefined {
    return this.#endpoints?.metricsUrl;
  }

  /** Where `/healthz` and `/readyz` are below while the operator runs; undefined when they are not served. */
  get healthUrl(): string | undefined {
    return this.#endpoints?.healthUrl;
  }

  /** Whether this replica reconciles now: it was started, and with leader election its lease is known to be held. */
  get isLeading(): boolean {
    return this.#isReconciling && this.#lease?.isHeld !== false;
  }

  /** Resolves when this replica begins to reconcile: without leader election in {@link start}, else when it wins the lease. */
  get leading(): Promise<void> {
    return this.#leading.promise;
  }

  /**
   * Settles when the operator has ended: resolves after {@link stop}, rejects when its lease is lost. All work is aborted
   * by then, and the process should exit with 1. When nobody handles the rejection Node.js does just that.
   *
   * @throws {@link LeadershipLostError}
   */
  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  /** Where webhooks are below once they are served, with the port they got; undefined when they are not. */
  get webhookUrl(): string | undefined {
    return this.#webhooks.opened?.url;
  }

  /** Applies the CustomResourceDefinitions of all kinds and waits until they are served. */
  async installKinds({ signal, client = this.client }: InstallOptions = {}): Promise<void> {
    const webhooks = await this.#webhooks.open();
    const conversionOf = (kind: Kind) => webhooks?.conversionOf(kind);
    await installKinds(client, this.kinds, anySignal(signal, this.#abort.signal), conversionOf);
  }

  /**
   * Tells the API server about the webhooks that are served: from then on it asks them. Where an operator is installed from
   * manifests, they have told it.
   */
  async installWebhooks({ signal, client = this.client }: InstallOptions = {}): Promise<void> {
    const webhooks = await this.#webhooks.open();
    await installWebhooks(client, webhooks?.configurations() ?? [], anySignal(signal, this.#abort.signal));
  }

  /** Takes back {@link installWebhooks}. */
  async uninstallWebhooks({ signal, client = this.client }: InstallOptions = {}): Promise<void> {
    await uninstallWebhooks(client, this.#name, anySignal(signal, this.#abort.signal));
  }

  /**
   * Fills the caches, then starts reconciling. Resolves once reconciles run, or with leader election once this replica is a
   * candidate that could begin at once.
   *
   * A kind that the API server does not serve is not waited for: what is about it begins when its CustomResourceDefinition comes,
   * and everything else works meanwhile.
   *
   * @throws when a cache cannot be filled in time (default 60 s); it names each kind and why.
   */
  async start({ signal, timeoutMs = DEFAULT_SYNC_TIMEOUT_MS }: WaitOptions = {}): Promise<void> {
    this.#opening = OperatorEndpoints.open(this.#addresses, this.#checked(), this.#metrics);
    this.#endpoints = await this.#opening;
    // Before the caches are filled: what is listed may have to be converted.
    await this.#webhooks.open();
    for (const controller of this.#controllers) controller.watch();
    const missing = await this.#caches.fill({ signal: anySignal(signal, this.#abort.signal), timeoutMs });
    for (const { definition } of this.#controllers)
      if (missing.has(definition.kind.resource)) this.#tellMissing(definition);
    if (this.#leaderElection === undefined) this.#reconcile();
    else await this.#standBy(this.#leaderElection);
    this.#log.info({ kinds: this.kinds.map(({ resource }) => resource.kind) }, 'operator started');
  }

  /**
   * Resolves when nothing is left to do: every queue is empty and every cache has what the API server has. A look that
   * was scheduled for later (`requeueAfter`) is not waited for; a failing object is.
   *
   * @throws {@link SettleTimeoutError} after `timeoutMs` (default 30 s), naming what still moves.
   */
  async settle({ signal, timeoutMs = DEFAULT_SETTLE_TIMEOUT_MS }: WaitOptions = {}): Promise<void> {
    const settlement = new Settlement(this.#controllers, this.#caches, this.#content, this.#clock);
    await settlement.reached(anySignal(signal, this.#abort.signal), timeoutMs);
  }

  /**
   * Stops reconciling, releases the lease, ends all watches and closes all connections, in this order. A second call waits
   * for the first.
   */
  async stop({ graceMs = 0 }: StopOptions = {}): Promise<void> {
    this.#stopping ??= this.#shutDown(graceMs).then(this.#ended.resolve);
    await this.#stopping;
  }

  #reconcile(): void {
    if (this.#stopping !== undefined) return;
    this.#isReconciling = true;
    for (const controller of this.#controllers) controller.start();
    this.#leading.resolve();
  }

  #tellMissing({ name, kind: { resource } }: ControllerDefinition): void {
    const definition = `${resource.plural}.${resource.group}`;
    this.#log.warn(
      { controller: name, kind: resource.kind },
      `${resource.kind} is not served, so that nothing is reconciled of it; install the CustomResourceDefinition ${definition}`,
    );
  }

  async #standBy(options: LeaseThreadOptions): Promise<void> {
    if (this.#stopping !== undefined) return;
    this.#joining = LeaseThread.start(options);
    this.#lease = await this.#joining;
    void this.#lease.acquired.then(() => this.#reconcile());
    void this.#lease.lost.then((error) => this.#fail(error));
  }

  /** Another replica may be at work already, so nothing here may go on. */
  #fail(error: Error): void {
    if (this.#stopping !== undefined) return;
    this.#log.error({ error: error.message }, 'operator ended');
    this.#stopping = this.#shutDown(0);
    this.#ended.reject(error);
  }

  async #shutDown(graceMs: number): Promise<void> {
    this.#isReconciling = false;
    const webhooksClosed = this.#webhooks.close(graceMs);
    await Promise.all(this.#controllers.map((controller) => controller.stop(graceMs)));
    await this.#events.flush();
    await this.#joining?.then(
      (lease) => lease.leave(),
      () => undefined,
    );
    await webhooksClosed;
    this.#abort.abort(new Error('the operator was stopped'));
    await Promise.all([this.#caches.stop(), this.#content.stop()]);
    await this.client.close();
    await this.#opening?.then(
      (endpoints) => endpoints.close(),
      () => undefined,
    );
  }

  #candidacy(
    connection: ClusterConnection,
    { leaderElection = false, name = 'trueup', shard }: OperatorOptions,
  ): LeaseThreadOptions | undefined {
    if (leaderElection === false) return undefined;
    const settings = leaderElectionSettings(leaderElection === true ? {} : leaderElection, {
      operatorName: name,
      ...(shard && { shard: shard.name }),
      connectionNamespace: connection.namespace,
      podNamespace: process.env['POD_NAMESPACE'],
    });
    return { ...settings, connection, userAgent: name, log: this.#log };
  }

  #checked(): CheckedOperator {
    return {
      controllers: this.#controllers,
      caches: this.#caches,
      webhooks: this.#webhooks.check,
      lease: () => this.#lease,
      isStopping: () => this.#stopping !== undefined,
      nowMs: () => this.#clock.now(),
    };
  }

  #engineServices(): EngineServices {
    return {
      client: this.client,
      clock: this.#clock,
      random: this.#random,
      events: this.#events,
      log: this.#log,
      content: this.#content,
      formerManagers: this.#formerManagers,
      admit: (operation) => this.#admit(operation),
      ...(this.#shard && { handles: this.#shard.handles }),
      ...(this.#metrics && { observer: this.#metrics.engine }),
      store: <T extends KubernetesObject>(kind: KindOf<T>): Store<T> => this.#caches.of(kind).store,
      hasSynced: (kind) => this.#caches.of(kind).hasSynced,
    };
  }

  #webhookSettings({
    modules,
    webhooks: served,
    namespaces = [],
  }: OperatorOptions): OperatorWebhooksSettings | undefined {
    const { webhooks, kinds } = this.#assembly;
    const count = webhooks.length + kinds.filter(isConverting).length;
    if (count === 0) return undefined;
    if (served === undefined) {
      this.#log.warn({ count }, 'webhooks are declared and not served; set the option webhooks');
      return undefined;
    }
    return {
      operatorName: this.#name,
      namespace: process.env['POD_NAMESPACE'] ?? this.client.connection.namespace,
      watchedNamespaces: namespaces,
      modules,
      webhooks,
      options: served,
      client: this.client,
      clock: this.#clock,
      log: this.#log,
      ...(this.#metrics && { observer: this.#metrics.webhooks }),
    };
  }

  #measure(): void {
    const lease = this.#leaderElection?.lease.name;
    this.#metrics?.measure({
      client: this.client,
      controllers: this.#controllers,
      caches: this.#caches,
      nowMs: () => this.#clock.now(),
      ...(lease !== undefined && { leadership: { lease, isLeading: () => this.isLeading } }),
    });
  }

  /** The lease may be lost a moment before the main thread hears of it; nothing is written in that moment. */
  #admit(operation: Operation): void {
    if (this.#lease?.isHeld !== false || isRead(operation.verb)) return;
    const { lease } = this.#leaderElection ?? {};
    throw new LeadershipLostError(`${lease?.namespace}/${lease?.name}`, 'it was not renewed in time');
  }
}

/** Loaded late: who does not serve metrics does not pay for them. */
async function metricsFor(
  { metrics }: EndpointAddresses,
  labels: OperatorOptions['metricsLabels'],
): Promise<OperatorMetrics | undefined> {
  if (metrics === undefined) return undefined;
  const { OperatorMetrics: Metrics } = await import('../metrics/operator-metrics.js');
  return new Metrics(labels);
}

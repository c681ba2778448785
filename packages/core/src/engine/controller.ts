import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { formatName, nameOf, type Change, type KubernetesObject, type NamespacedName, type Store } from '@trueup/kube';
import { sharedAbortController } from '../abort-signals.js';
import { indexKey, referencedConfigs, referenceIndex } from '../references/referencing-workloads.js';
import { concernsConsumers } from '../references/consumer-relevance.js';
import { UsedContents } from '../content/used-contents.js';
import { BurstDelay } from '../queue/burst-delay.js';
import type { Lane, Trigger, WaitingKey } from '../queue/ready-keys.js';
import { WorkQueue, type Disposition } from '../queue/work-queue.js';
import { Attempt } from './attempt.js';
import type { ControllerObserver } from './engine-observer.js';
import type { ControllerDefinition, WatchCaches, WatchDefinition } from './definition.js';
import { ObjectReconciler } from './object-reconciler.js';
import { OwnWrites } from './own-writes.js';
import { CONTROLLER_INDEX, controllerUid } from './pass.js';
import { spanOfChange } from './reconcile-span.js';
import type { EngineServices } from './services.js';

/** A burst of users that take up a config costs it few writes; one that comes alone is noticed at once. */
const BURST = { baseMs: 20, maxMs: 30_000 };
const DELETING_MS = 100;
const DEFAULT_DEADLINE_MS = 120_000;

/** Why an object is reconciled, besides those the queue knows: a retry, a look asked for, a burst of its users. */
export type ReconcileCause = 'object' | 'child' | 'reference' | 'watched' | 'content';

/** Turns the changes that concern a kind into reconciles of its objects. */
export class Controller<T extends KubernetesObject = KubernetesObject> {
  readonly queue: WorkQueue;
  /** Reconciles that ended, since the start. */
  reconcileCount = 0;

  readonly #reconciler: ObjectReconciler<T>;
  readonly #observer: ControllerObserver | undefined;
  readonly #bursts: BurstDelay;
  readonly #losses: BurstDelay;
  readonly #abort = sharedAbortController();
  readonly #subscriptions: (() => void)[] = [];
  #heard: Heard | undefined;
  readonly #changesDuring = new Map<string, { readonly object: KubernetesObject; readonly turn: Turn }[]>();

  constructor(
    readonly definition: ControllerDefinition<T>,
    private readonly services: EngineServices,
  ) {
    this.#reconciler = new ObjectReconciler(definition, services);
    this.#bursts = new BurstDelay({ clock: services.clock, ...BURST });
    this.#losses = new BurstDelay({ clock: services.clock, ...BURST });
    this.#observer = services.observer?.controller(definition);
    this.queue = new WorkQueue((key, waiting) => this.#work(key, waiting), {
      concurrency: definition.concurrency,
      clock: services.clock,
      random: services.random,
      ...(this.#observer && { observer: this.#observer.queue }),
    });
  }

  /** How long a reconcile may take. */
  get deadlineMs(): number {
    return this.definition.deadlineMs ?? DEFAULT_DEADLINE_MS;
  }

  /** The cache of the kind. */
  get store(): Store<T> {
    return this.services.store(this.definition.kind);
  }

  /** The objects that are reconciled here. */
  objects(): readonly T[] {
    return this.store.list().filter((object) => this.#handles(object));
  }

  /** Subscribes to everything that concerns the kind. Reconciles begin with {@link start}. */
  watch(): void {
    const { kind, owns, references, watches } = this.definition;
    for (const ref of references) {
      const key = referenceIndex(ref);
      this.services.store(kind).addIndex(key, (consumer) => referencedConfigs(ref, consumer).map(indexKey));
      this.#subscribe(ref.to, (change) => {
        if (!concernsConsumers(change, ref.judgement)) return;
        const consumers = this.services.store(kind).byIndex(key, indexKey(change.object.metadata));
        for (const consumer of consumers) this.#enqueue(nameOf(consumer), change, 'reference');
      });
    }
    this.#subscribe(kind, (change) => {
      const isNewSpec =
        change.type !== 'updated' || change.old.metadata.generation !== change.object.metadata.generation;
      if (isNewSpec) this.queue.forgetFailures(formatName(change.object.metadata));
      this.#enqueue(nameOf(change.object), change, 'object');
    });
    for (const owned of owns) {
      this.services.store(owned).addIndex(CONTROLLER_INDEX, controllerUid);
      this.#subscribe(owned, (change) => {
        if (change.type === 'deleted') this.#reconciler.forgetChild(owned, change.object);
        for (const name of this.#ownersOf(change)) this.#enqueue(name, change, 'child');
      });
    }
    for (const watched of watches) this.#subscribe(watched.kind, (change) => this.#onWatched(watched, change));
  }

  start(): void {
    this.queue.start();
  }

  /** Begins no more reconciles, and aborts those that still run after `graceMs`. Resolves when none runs. */
  async stop(graceMs = 0): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    const abort = (): void => this.#abort.abort(new Error(`${this.definition.name} stops`));
    const idle = this.queue.stop();
    if (graceMs <= 0) abort();
    const cancel = this.services.clock.schedule(graceMs, abort);
    await idle;
    cancel();
  }

  #subscribe(kind: ControllerDefinition['kind'], listener: (change: Change<KubernetesObject>) => void): void {
    this.#subscriptions.push(this.services.store(kind).subscribe(listener));
  }

  #onWatched({ map, when, tells, patienceMs }: WatchDefinition, change: Change<KubernetesObject>): void {
    const now = change.type === 'deleted' && when === 'mapping' ? [] : map(change.object, this.#caches);
    const was = change.type === 'added' ? [] : map(change.old ?? change.object, this.#caches);
    if (when === 'any') {
      for (const name of [...now, ...was]) this.#enqueue(name, change, 'watched');
      return;
    }
    const before = new Set(was.map(formatName));
    const after = new Set(now.map(formatName));
    const isToldNews =
      tells !== undefined && change.type === 'updated' && !isDeepStrictEqual(tells(change.old), tells(change.object));
    for (const key of new Set([...before, ...after])) {
      const isNews = isToldNews || !before.has(key) || !after.has(key);
      if (isNews && this.#isHandled(parseName(key))) this.queue.addSoon(key, this.#patienceFor(key, patienceMs));
    }
  }

  get #caches(): WatchCaches {
    const { services, definition } = this;
    return { reconciled: services.store<KubernetesObject>(definition.kind), of: (kind) => services.store(kind) };
  }

  /** An object that waits to be deleted is let go as soon as nothing holds it. */
  #patienceFor(key: string, maxMs = BURST.maxMs): number {
    const object = this.services.store(this.definition.kind).get(parseName(key));
    return object?.metadata.deletionTimestamp === undefined ? this.#bursts.next(key, maxMs) : DELETING_MS;
  }

  /** A child that changed hands concerns both owners. */
  #ownersOf(change: Change<KubernetesObject>): readonly NamespacedName[] {
    return [change.object, change.old].flatMap((child) => {
      const owner = child?.metadata.ownerReferences?.find((reference) => reference.controller === true);
      if (child === undefined || owner === undefined || owner.kind !== this.definition.kind.resource.kind) return [];
      const namespace = this.definition.kind.resource.namespaced ? child.metadata.namespace : undefined;
      return [namespace === undefined ? { name: owner.name } : { namespace, name: owner.name }];
    });
  }

  /**
   * What an object's own reconcile wrote is known to it and no reason to look again. During the reconcile the echo of a
   * write may come before its answer, so such changes wait for its end.
   */
  #enqueue(name: NamespacedName, change: Change<KubernetesObject>, cause: ReconcileCause): void {
    const key = formatName(name);
    if (change.origin === this.#originOf(key)) return;
    // One that does not exist yet is reconciled when it comes.
    if (cause !== 'object' && this.store.get(name) === undefined) return;
    if (!this.#isHandled(name) && (change.old === undefined || !this.#handles(change.old))) return;
    const { keys, trigger } = this.#hear(change);
    if (keys.has(key)) return;
    keys.add(key);
    const turn = { lane: laneOf(change, cause), cause, trigger, afterMs: this.#patienceWith(key, change, cause) };
    const changes = this.#changesDuring.get(key);
    if (changes === undefined) this.#take(key, turn);
    else changes.push({ object: change.object, turn });
  }

  #take(key: string, turn: Turn): void {
    if (turn.afterMs > 0) this.queue.addSoon(key, turn.afterMs);
    else this.queue.add(key, turn);
  }

  /**
   * A child that goes is made again at once; one that goes again and again, since somebody deletes whatever is made, less
   * and less often. The server does just that with children of an owner that is gone, while the cache does not know.
   */
  #patienceWith(key: string, { type }: Change<KubernetesObject>, cause: ReconcileCause): number {
    if (cause !== 'child' || type !== 'deleted') return 0;
    const delayMs = this.#losses.next(key);
    return delayMs > BURST.baseMs ? delayMs : 0;
  }

  #handles(object: KubernetesObject): boolean {
    return this.services.handles?.(object) !== false;
  }

  /** What is gone is not left to others. */
  #isHandled(name: NamespacedName): boolean {
    const object = this.store.get(name);
    return object === undefined || this.#handles(object);
  }

  /** One change may concern an object in several ways: what it is now and was before, a child that is watched, too. */
  #hear(change: Change<KubernetesObject>): Heard {
    if (this.#heard?.change === change) return this.#heard;
    const span = spanOfChange(change);
    const object = `${change.object.kind} ${formatName(change.object.metadata)}`;
    return (this.#heard = { change, keys: new Set(), trigger: { object, ...(span && { span }) } });
  }

  #originOf(key: string): string {
    return `${this.definition.name}:${key}`;
  }

  async #work(key: string, { cause, trigger }: WaitingKey): Promise<Disposition> {
    const name = parseName(key);
    const { kind } = this.definition;
    const log = this.services.log.child({
      controller: this.definition.name,
      kind: kind.resource.kind,
      namespace: name.namespace,
      name: name.name,
      generation: this.services.store(kind).get(name)?.metadata.generation,
      cause,
      trigger: trigger?.object,
      reconcileId: randomUUID(),
    });
    const id = this.#originOf(key);
    const writes = new OwnWrites(id);
    const contents = new UsedContents(this.services.content, {
      id,
      notify: () => this.queue.add(key, { lane: 'change', cause: 'content' }),
    });
    const attempt = new Attempt(
      {
        services: this.services,
        controller: this.definition.name,
        kind: kind.resource.kind,
        key,
        cause,
        trigger,
        deadlineMs: this.deadlineMs,
        log,
        observer: this.#observer,
      },
      this.#abort.signal,
    );
    const changes: { readonly object: KubernetesObject; readonly turn: Turn }[] = [];
    this.#changesDuring.set(key, changes);
    const { signal, client, progress } = attempt;
    const run = { writes, contents, signal, client, progress, log };
    const disposition = await attempt.run(() => this.#reconciler.reconcile(name, run));
    if (!(await writes.areSeen(this.services.clock, this.#abort.signal)) && !this.#abort.signal.aborted)
      log.warn({}, 'a write of this reconcile did not come back over the watch; the next may not see it');
    this.#changesDuring.delete(key);
    for (const { object, turn } of changes) if (!writes.includes(object)) this.#take(key, turn);
    if (this.services.store(kind).get(name) === undefined) {
      this.#bursts.forget(key);
      this.#losses.forget(key);
    }
    this.reconcileCount += 1;
    return disposition;
  }
}

/** How soon, and why. */
interface Turn {
  readonly lane: Lane;
  readonly cause: ReconcileCause;
  readonly trigger: Trigger;
  /** Zero: as soon as its turn comes. */
  readonly afterMs: number;
}

/** The change that is being told, and to which objects it was. */
interface Heard {
  readonly change: Change<KubernetesObject>;
  readonly keys: Set<string>;
  readonly trigger: Trigger;
}

/**
 * What somebody asks for comes first. What children and other objects report comes in bursts: it takes its turn with the
 * backlog, so that one look sees all of it.
 */
function laneOf({ isInitialList }: Change<KubernetesObject>, cause: ReconcileCause): Lane {
  return !isInitialList && (cause === 'object' || cause === 'reference') ? 'change' : 'backlog';
}

function parseName(key: string): NamespacedName {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

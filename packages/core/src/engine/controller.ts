import { randomUUID } from 'node:crypto';
import { formatName, nameOf, type Change, type KubernetesObject, type NamespacedName } from '@trueup/kube';
import { sharedAbortController } from '../abort-signals.js';
import { indexKey, referencedConfigs, referenceIndex } from '../references/referencing-workloads.js';
import { concernsConsumers } from '../references/consumer-relevance.js';
import { UsedContents } from '../content/used-contents.js';
import { BurstDelay } from '../queue/burst-delay.js';
import { WorkQueue, type Disposition } from '../queue/work-queue.js';
import type { ControllerDefinition, WatchDefinition } from './definition.js';
import { ObjectReconciler } from './object-reconciler.js';
import { OwnWrites } from './own-writes.js';
import { CONTROLLER_INDEX, controllerUid } from './pass.js';
import type { EngineServices } from './services.js';

/** A burst of users that take up a config costs it few writes; one that comes alone is noticed at once. */
const BURST = { baseMs: 20, maxMs: 30_000 };
const DELETING_MS = 100;

/** Turns the changes that concern a kind into reconciles of its objects. */
export class Controller<T extends KubernetesObject = KubernetesObject> {
  readonly queue: WorkQueue;
  /** Reconciles that ended, since the start. */
  reconcileCount = 0;

  readonly #reconciler: ObjectReconciler<T>;
  readonly #bursts: BurstDelay;
  readonly #abort = sharedAbortController();
  readonly #subscriptions: (() => void)[] = [];
  readonly #changesDuring = new Map<string, KubernetesObject[]>();

  constructor(
    readonly definition: ControllerDefinition<T>,
    private readonly services: EngineServices,
  ) {
    this.#reconciler = new ObjectReconciler(definition, services);
    this.#bursts = new BurstDelay({ clock: services.clock, ...BURST });
    this.queue = new WorkQueue((key) => this.#work(key), {
      concurrency: definition.concurrency,
      clock: services.clock,
    });
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
        for (const consumer of consumers) this.#enqueue(nameOf(consumer), change);
      });
    }
    this.#subscribe(kind, (change) => this.#enqueue(nameOf(change.object), change));
    for (const owned of owns) {
      this.services.store(owned).addIndex(CONTROLLER_INDEX, controllerUid);
      this.#subscribe(owned, (change) => {
        for (const name of this.#ownersOf(change)) this.#enqueue(name, change);
      });
    }
    for (const watched of watches) this.#subscribe(watched.kind, (change) => this.#onWatched(watched, change));
  }

  start(): void {
    this.queue.start();
  }

  /** Ends all reconciles; resolves when none runs. */
  async stop(): Promise<void> {
    for (const unsubscribe of this.#subscriptions) unsubscribe();
    this.#abort.abort(new Error(`${this.definition.name} stops`));
    await this.queue.stop();
  }

  #subscribe(kind: ControllerDefinition['kind'], listener: (change: Change<KubernetesObject>) => void): void {
    this.#subscriptions.push(this.services.store(kind).subscribe(listener));
  }

  #onWatched({ map, when, tells }: WatchDefinition, change: Change<KubernetesObject>): void {
    const now = change.type === 'deleted' && when === 'mapping' ? [] : map(change.object);
    const was = change.type === 'added' ? [] : map(change.old ?? change.object);
    if (when === 'any') {
      for (const name of [...now, ...was]) this.#enqueue(name, change);
      return;
    }
    const before = new Set(was.map(formatName));
    const after = new Set(now.map(formatName));
    const isToldNews = tells !== undefined && change.type === 'updated' && tells(change.old) !== tells(change.object);
    for (const key of new Set([...before, ...after])) {
      if (isToldNews || !before.has(key) || !after.has(key)) this.queue.addSoon(key, this.#patienceFor(key));
    }
  }

  /** An object that waits to be deleted is let go as soon as nothing holds it. */
  #patienceFor(key: string): number {
    const object = this.services.store(this.definition.kind).get(parseName(key));
    return object?.metadata.deletionTimestamp === undefined ? this.#bursts.next(key) : DELETING_MS;
  }

  /** A child that changed hands concerns both owners. */
  #ownersOf(change: Change<KubernetesObject>): readonly NamespacedName[] {
    return [change.object, change.old].flatMap((child) => {
      const owner = child?.metadata.ownerReferences?.find((reference) => reference.controller === true);
      if (child === undefined || owner === undefined || owner.kind !== this.definition.kind.resource.kind) return [];
      const { namespace } = child.metadata;
      return [namespace === undefined ? { name: owner.name } : { namespace, name: owner.name }];
    });
  }

  /**
   * What an object's own reconcile wrote is known to it and no reason to look again. During the reconcile the echo of a
   * write may come before its answer, so such changes wait for its end.
   */
  #enqueue(name: NamespacedName, { origin, object }: Change<KubernetesObject>): void {
    const key = formatName(name);
    if (origin === this.#originOf(key)) return;
    const changes = this.#changesDuring.get(key);
    if (changes === undefined) this.queue.add(key);
    else changes.push(object);
  }

  #originOf(key: string): string {
    return `${this.definition.name}:${key}`;
  }

  async #work(key: string): Promise<Disposition> {
    const name = parseName(key);
    const { kind } = this.definition;
    const log = this.services.log.child({
      controller: this.definition.name,
      kind: kind.resource.kind,
      ...name,
      generation: this.services.store(kind).get(name)?.metadata.generation,
      reconcileId: randomUUID(),
    });
    const id = this.#originOf(key);
    const writes = new OwnWrites(id);
    const contents = new UsedContents(this.services.content, { id, notify: () => this.queue.add(key) });
    const changes: KubernetesObject[] = [];
    this.#changesDuring.set(key, changes);
    const disposition = await this.#reconciler.reconcile(name, { writes, contents, signal: this.#abort.signal, log });
    this.#changesDuring.delete(key);
    if (changes.some((object) => !writes.includes(object))) this.queue.add(key);
    if (this.services.store(kind).get(name) === undefined) this.#bursts.forget(key);
    this.reconcileCount += 1;
    return disposition;
  }
}

function parseName(key: string): NamespacedName {
  const slash = key.indexOf('/');
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

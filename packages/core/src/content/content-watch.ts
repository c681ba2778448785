import { Informers, type Client, type Clock, type Informer, type Logger } from '@trueup/kube';
import { ConfigMap, Secret } from '../builtin-kinds.js';
import { messageOf } from '../errors.js';
import type { ContentRef } from './content-ref.js';
import { combineDigests, digestObject, digestOf, type DigestedObject, type Part } from './content-digests.js';
import { isObjectName } from './object-name.js';

/** What is known about the content of a reference. */
export type Content =
  /** It is being looked up; who asked is told when it is known. */
  | { readonly state: 'pending' }
  /** The server does not let us read it, for now. */
  | { readonly state: 'unreadable'; readonly message: string }
  | { readonly state: 'missing' }
  | { readonly state: 'present'; readonly digest: string };

/** Who asked, by a name of its own, and how to tell it that something changed. */
export interface Interest {
  readonly id: string;
  notify(): void;
}

interface Watched {
  readonly informers: Informers;
  readonly informer: Informer<DigestedObject>;
  readonly parts: ReadonlySet<Part>;
  readonly interests: Map<string, Interest>;
}

/** As long as a timer can be set for: the informer tries until it is stopped. */
const NO_LIMIT_MS = 2 ** 31 - 1;

export interface ContentWatchOptions {
  readonly client: Client;
  readonly log: Logger;
  readonly clock: Clock;
  /** Spreads retries; from 0 to 1. */
  readonly random: () => number;
  /** Gives the key of the digests; asked once, when the first content is. The same for all replicas and restarts. */
  digestKey(): Promise<string>;
}

/**
 * Watches the Secrets and ConfigMaps that somebody asks for, each by its name, and no others; keeps digests of the parts
 * that are asked for, and nothing of what they hold.
 */
export class ContentWatch {
  readonly #watched = new Map<string, Watched>();
  readonly #idsWith = new Map<string, ReadonlySet<string>>();
  #digestKey: string | undefined;
  #loading: Promise<void> | undefined;
  #loadError: string | undefined;

  constructor(private readonly options: ContentWatchOptions) {}

  /** What is known now. From here on the interest is notified of changes, until {@link retain} drops it. */
  lookup(ref: ContentRef, namespace: string, interest: Interest): Content {
    if (!isObjectName(ref.name)) return { state: 'missing' };
    if (this.#digestKey === undefined) return this.#whileLoading(interest);
    const { informer } = this.#watch(ref, namespace, interest);
    if (!informer.hasSynced) {
      const { state } = informer;
      const error = 'lastError' in state ? state.lastError : undefined;
      return error === undefined ? { state: 'pending' } : { state: 'unreadable', message: messageOf(error) };
    }
    const held = informer.store.get({ namespace, name: ref.name });
    const digest = held && digestOf(held, ref.key);
    return digest === undefined ? { state: 'missing' } : { state: 'present', digest };
  }

  /** One digest for all of these. */
  combine(digests: readonly string[]): string {
    return combineDigests(this.#digestKey ?? '', digests);
  }

  /** Drops what this interest asked for earlier and did not ask for again. */
  retain(id: string, used: readonly { readonly ref: ContentRef; readonly namespace: string }[]): void {
    const kept = new Set(used.map(({ ref, namespace }) => watchKey(ref, namespace)));
    for (const key of this.#idsWith.get(id) ?? []) if (!kept.has(key)) this.#release(key, id);
    if (kept.size === 0) this.#idsWith.delete(id);
    else this.#idsWith.set(id, kept);
  }

  /** How many objects are watched. */
  get size(): number {
    return this.#watched.size;
  }

  /** True when nothing is being looked up and the caches equal what the server has. */
  async isCurrent(signal: AbortSignal): Promise<boolean> {
    if (this.#loading !== undefined && this.#digestKey === undefined && this.#loadError === undefined) return false;
    for (const { informer } of this.#watched.values()) {
      if (!informer.hasSynced) {
        if (!('lastError' in informer.state)) return false;
      } else if (!(await informer.isCurrent({ signal }))) return false;
    }
    return true;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#watched.values()].map(({ informers }) => informers.stop()));
    this.#watched.clear();
  }

  #whileLoading(interest: Interest): Content {
    this.#loading ??= this.#load();
    void this.#loading.then(() => interest.notify());
    if (this.#loadError === undefined) return { state: 'pending' };
    const message = this.#loadError;
    this.#loading = undefined;
    this.#loadError = undefined;
    return { state: 'unreadable', message };
  }

  async #load(): Promise<void> {
    try {
      this.#digestKey = await this.options.digestKey();
    } catch (error) {
      this.#loadError = `the key for digests cannot be read: ${messageOf(error)}`;
      this.options.log.error({ error: messageOf(error) }, 'the key for digests cannot be read');
    }
  }

  #watch(ref: ContentRef, namespace: string, interest: Interest): Watched {
    const key = watchKey(ref, namespace);
    const known = this.#watched.get(key);
    if (known?.parts.has(ref.key) === true) {
      known.interests.set(interest.id, interest);
      return known;
    }
    // Nothing of other parts was kept, so a further one means to read the object again.
    const parts = new Set<Part>([...(known?.parts ?? []), ref.key]);
    const interests = new Map(known?.interests).set(interest.id, interest);
    void known?.informers.stop();
    const watched = this.#begin(ref, namespace, parts, interests);
    this.#watched.set(key, watched);
    return watched;
  }

  #begin(ref: ContentRef, namespace: string, parts: ReadonlySet<Part>, interests: Map<string, Interest>): Watched {
    const { client, log, clock, random } = this.options;
    const digestKey = this.#digestKey ?? '';
    const informers = new Informers(client, {
      logger: log,
      clock,
      random,
      transform: (object) => digestObject(object, parts, digestKey),
    });
    const { resource } = ref.kind === 'Secret' ? Secret : ConfigMap;
    const informer = informers.informer<DigestedObject>(resource, {
      namespace,
      fieldSelector: `metadata.name=${ref.name}`,
    });
    const notify = (): void => {
      for (const interest of interests.values()) interest.notify();
    };
    informer.store.subscribe(({ isInitialList }) => {
      if (!isInitialList) notify();
    });
    informer.start();
    void tellWhenRead(informer, notify);
    return { informers, informer, parts, interests };
  }

  #release(key: string, id: string): void {
    const watched = this.#watched.get(key);
    watched?.interests.delete(id);
    if (watched === undefined || watched.interests.size > 0) return;
    this.#watched.delete(key);
    void watched.informers.stop();
  }
}

/** Tells once it is read or cannot be read, and then once it can, however long that takes. */
async function tellWhenRead(informer: Informer<DigestedObject>, tell: () => void): Promise<void> {
  try {
    await informer.waitForSync({ timeoutMs: NO_LIMIT_MS, or: (state) => 'lastError' in state });
    tell();
    if (informer.hasSynced) return;
    await informer.waitForSync({ timeoutMs: NO_LIMIT_MS });
    tell();
  } catch {
    // Nobody asks any more: it was stopped.
  }
}

function watchKey({ kind, name }: ContentRef, namespace: string): string {
  return `${kind}/${namespace}/${name}`;
}

import type { Client } from './client.js';
import type { Selection } from './client-options.js';
import { systemClock, type Clock } from './clock.js';
import { SharedInformer, type Informer, type WaitForSyncOptions } from './informer.js';
import { allSynced, JoinedInformer } from './joined-informer.js';
import { silentLogger, type Logger } from './logger.js';
import type { KubernetesObject } from './object.js';
import type { ResourceType } from './resource-type.js';
import { slim, type Transform } from './transform.js';

export interface InformersOptions {
  /** Default: says nothing. */
  readonly logger?: Logger;
  /** Makes of a received object what the cache keeps. Default: {@link slim} with `keepManagers`. */
  readonly transform?: Transform;
  /** Whose `managedFields` entries the default transform keeps; asked for every object. Default: nobody's. */
  readonly keepManagers?: (manager: string) => boolean;
  /**
   * Whether to ask for lists as streams: less work for the server, and one object after the other for us. A server that
   * refuses gets asked for pages. Default: true.
   */
  readonly streamLists?: boolean;
  /** Default: the machine's. */
  readonly clock?: Clock;
  /** Source of jitter, `[0, 1)`. Default: `Math.random`. */
  readonly random?: () => number;
}

type ManagedInformer = Informer<KubernetesObject> & Pick<SharedInformer<KubernetesObject>, 'isStarted'>;

/** The caches of one cluster: who asks for the same objects gets the same informer, and the server one watch. */
export class Informers {
  readonly #client: Client;
  readonly #options: Required<Omit<InformersOptions, 'keepManagers'>>;
  readonly #informers = new Map<string, ManagedInformer>();

  constructor(client: Client, options: InformersOptions = {}) {
    const { logger = silentLogger, streamLists = true, clock = systemClock, random = Math.random } = options;
    this.#client = client;
    this.#options = { logger, streamLists, clock, random, transform: options.transform ?? slim(options.keepManagers) };
  }

  /** The informer of these objects; call its `start` to fill it. */
  informer<T extends KubernetesObject>(resource: ResourceType, selection: Selection = {}): Informer<T> {
    return this.#informer(resource, selection, false);
  }

  /**
   * The informer of these objects' metadata: a fraction of the bytes and of the memory, for kinds of which only names,
   * labels, annotations or owners matter. The objects have apiVersion, kind and metadata, nothing else.
   */
  metadataInformer(resource: ResourceType, selection: Selection = {}): Informer<KubernetesObject> {
    return this.#informer(resource, selection, true);
  }

  #informer<T extends KubernetesObject>(
    resource: ResourceType,
    selection: Selection,
    metadataOnly: boolean,
  ): Informer<T> {
    const { namespace, labelSelector, fieldSelector } = selection;
    const key = JSON.stringify([
      resource.group,
      resource.version,
      resource.plural,
      namespace,
      labelSelector,
      fieldSelector,
      metadataOnly,
    ]);
    const known: Informer<KubernetesObject> | undefined = this.#informers.get(key);
    // One kind, one type: who asks for the same resource means the same T.
    if (known !== undefined) return known as Informer<T>;
    const informer = new SharedInformer<T>({
      client: this.#client,
      resource,
      selection,
      metadataOnly,
      onStop: () => this.#informers.delete(key),
      ...this.#options,
    });
    this.#informers.set(key, informer);
    return informer;
  }

  /** One informer of a namespaced kind in these namespaces; each is watched on its own. */
  inNamespaces<T extends KubernetesObject>(
    resource: ResourceType,
    namespaces: readonly string[],
    selection: Omit<Selection, 'namespace'> = {},
  ): Informer<T> {
    const [only, ...others] = namespaces;
    if (only !== undefined && others.length === 0) return this.informer(resource, { ...selection, namespace: only });
    return new JoinedInformer(
      resource,
      new Map(namespaces.map((namespace) => [namespace, this.informer<T>(resource, { ...selection, namespace })])),
    );
  }

  /**
   * Waits for every informer that has been started.
   *
   * @throws {@link SyncTimeoutError} naming each kind that is missing and why, or the signal's reason.
   */
  async waitForSync(options: WaitForSyncOptions): Promise<void> {
    await allSynced(
      [...this.#informers.values()].filter((informer) => informer.isStarted),
      options,
    );
  }

  /** Stops every informer and waits until their connections are closed. */
  async stop(): Promise<void> {
    await Promise.all([...this.#informers.values()].map((informer) => informer.stop()));
  }
}

import type { KubeObject, ResourceName } from '@trueup/control-plane';
import { Pod } from '@trueup/core';
import { Informers, isConflict, type Client, type KubernetesObject, type ResourceType } from '@trueup/kube';

/** The server as it is seen from within a pod. */
export interface PlayedServer {
  /** The object, or a promise of it; undefined when there is none. */
  get(resource: ResourceName, namespace: string | undefined, name: string): unknown;
  create(resource: ResourceName, object: KubeObject): Promise<unknown>;
  /** Undefined when there is no such object. */
  update(
    resource: ResourceName,
    namespace: string | undefined,
    name: string,
    change: (draft: KubeObject) => void,
  ): Promise<unknown>;
}

/** What an image does in a pod that has become ready, on servers whose pods run nothing. */
export interface PlayedImage {
  readonly image: RegExp;
  readonly play: (started: { readonly pod: object; readonly api: PlayedServer }) => Promise<void>;
}

/** Plays images on a server that has no stand-ins of its own: once a pod, when it is ready. */
export class PlayedImages {
  readonly #informers: Informers;
  readonly #api: PlayedServer;
  readonly #seen = new Set<string>();
  readonly #playing = new Set<Promise<void>>();
  readonly #failures: unknown[] = [];

  constructor(
    private readonly images: readonly PlayedImage[],
    client: Client,
    namespace: string,
  ) {
    this.#api = serverOf(client);
    this.#informers = new Informers(client);
    const pods = this.#informers.informer<Pod>(Pod.resource, { namespace });
    pods.store.subscribe(({ type, object }) => {
      if (type !== 'deleted') this.#onPod(object);
    });
    pods.start();
  }

  /** Resolves when what pods that are ready do has been done. @throws what one of them threw. */
  async settle(): Promise<void> {
    await Promise.all(this.#playing);
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  async stop(): Promise<void> {
    await this.#informers.stop();
    await Promise.all(this.#playing);
  }

  #onPod(pod: Pod): void {
    const { uid = '' } = pod.metadata;
    const isReady = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
    if (!isReady || this.#seen.has(uid)) return;
    this.#seen.add(uid);
    for (const { image } of pod.spec?.containers ?? [])
      for (const played of this.images) if (played.image.test(image ?? '')) this.#play(played, pod);
  }

  #play({ play }: PlayedImage, pod: Pod): void {
    const playing = play({ pod, api: this.#api })
      .catch((error: unknown) => void this.#failures.push(error))
      .finally(() => this.#playing.delete(playing));
    this.#playing.add(playing);
  }
}

function serverOf(client: Client): PlayedServer {
  return {
    get: (resource, namespace, name) => client.find(typeOf(resource), nameIn(namespace, name)),
    create: (resource, object) => client.create(typeOf(resource), asSent(object)),
    async update(resource, namespace, name, change) {
      for (;;) {
        const found = await client.find(typeOf(resource), nameIn(namespace, name));
        if (found === undefined) return undefined;
        const draft = structuredClone(found) as KubeObject;
        change(draft);
        try {
          return await client.replace(typeOf(resource), asSent(draft));
        } catch (error) {
          if (!isConflict(error)) throw error;
        }
      }
    },
  };
}

/** Everything that images of workloads deal with is namespaced, and of this version. */
function typeOf({ group, plural }: ResourceName): ResourceType {
  return { group, version: 'v1', kind: plural, plural, namespaced: true };
}

function nameIn(namespace: string | undefined, name: string) {
  return namespace === undefined ? { name } : { namespace, name };
}

/** @throws for an object without a name. */
function asSent({ metadata, ...object }: KubeObject): KubernetesObject {
  const { name } = metadata;
  if (name === undefined) throw new Error(`a ${object.kind} without a name`);
  return { ...object, metadata: { ...metadata, name } };
}

import {
  formatName,
  isConflict,
  isNotFound,
  type Client,
  type KubernetesObject,
  type ResourceType,
} from '@trueup/kube';
import { messageOf } from '../errors.js';

const PAGE_SIZE = 100;
const ATTEMPTS = 3;
/** An object that was written so long ago is written again: some other version may have been in use meanwhile. */
const FORGET_AFTER_MS = 3_600_000;

/**
 * The objects of one kind, to be written back as they are: with every write the API server stores an object in the storage
 * version. What was written is remembered, so that a pass which is broken off or repeated goes on where the last one ended.
 */
export class StoredObjects {
  /** By uid. */
  readonly #written = new Map<string, { readonly resourceVersion: string | undefined; readonly atMs: number }>();

  constructor(private readonly resource: ResourceType) {}

  /**
   * Writes every object back unchanged. Objects that go meanwhile are none of ours.
   *
   * @returns how many were changed by others each time they were to be written; they are left for another pass.
   * @throws when the API server does not take one back, naming it.
   */
  async writeBack(client: Client, nowMs: number): Promise<number> {
    let conflicts = 0;
    for await (const { items } of client.pages<KubernetesObject>(this.resource, { limit: PAGE_SIZE })) {
      for (const object of items) {
        if (this.#isWritten(object, nowMs)) continue;
        if ((await this.#write(object, client, nowMs)) === 'conflict') conflicts += 1;
      }
    }
    return conflicts;
  }

  #isWritten({ metadata: { uid = '', resourceVersion } }: KubernetesObject, nowMs: number): boolean {
    const written = this.#written.get(uid);
    return written?.resourceVersion === resourceVersion && nowMs - (written?.atMs ?? 0) < FORGET_AFTER_MS;
  }

  async #write(read: KubernetesObject, client: Client, nowMs: number): Promise<'done' | 'conflict'> {
    let object: KubernetesObject | undefined = read;
    for (let attempt = 1; object !== undefined; attempt += 1) {
      try {
        const { uid = '', resourceVersion } = (await client.replace(this.resource, object)).metadata;
        this.#written.set(uid, { resourceVersion, atMs: nowMs });
        return 'done';
      } catch (error) {
        if (isNotFound(error)) return 'done';
        if (!isConflict(error)) throw new Error(`${formatName(read.metadata)}: ${messageOf(error)}`, { cause: error });
        if (attempt === ATTEMPTS) return 'conflict';
        object = await client.find(this.resource, read.metadata);
      }
    }
    return 'done';
  }
}

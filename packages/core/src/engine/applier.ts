import {
  apiVersionOf,
  type Client,
  type KubernetesObject,
  type OwnerReference,
  type ResourceType,
  type Store,
} from '@trueup/kube';
import { isApplied, type FieldOwner } from './applied.js';
import type { OwnWrites } from './own-writes.js';

export interface ApplyTarget<T extends KubernetesObject> {
  readonly resource: ResourceType;
  readonly store: Store<T>;
  /** The object as the cache has it; undefined when it does not exist. */
  readonly live: T | undefined;
}

export interface AppliedBody {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly uid?: string;
    readonly ownerReferences?: readonly OwnerReference[];
  };
  readonly [field: string]: unknown;
}

/**
 * Applies objects server side and skips the call when it would change nothing.
 *
 * managedFields tell most of the time. Where the server stores another form of what was sent (a quantity, a defaulted
 * item of an atomic list) they can't; then it is remembered that this very text led to this very resourceVersion.
 */
export class Applier {
  readonly #applied = new Map<string, { readonly text: string; readonly resourceVersion: string | undefined }>();

  constructor(
    private readonly client: Client,
    private readonly manager: string,
  ) {}

  /** @returns the object as the server has it now, and whether a call was made. */
  async apply<T extends KubernetesObject>(
    target: ApplyTarget<T>,
    body: AppliedBody,
    options: { readonly subresource?: string; readonly writes: OwnWrites; readonly signal: AbortSignal },
  ): Promise<{ readonly object: T; readonly wrote: boolean }> {
    const { subresource, writes, signal } = options;
    const owner: FieldOwner = { manager: this.manager, ...(subresource === undefined ? {} : { subresource }) };
    const text = JSON.stringify(body);
    const key = memoryKey(target.resource, body, subresource);
    if (target.live !== undefined && this.#isSettled(key, text, target.live, owner))
      return { object: target.live, wrote: false };

    const stored = await this.client.apply<T>(target.resource, JSON.parse(text), {
      fieldManager: this.manager,
      // A controller decides about the fields it applies; that is what being their owner means.
      force: true,
      signal,
      ...(subresource === undefined ? {} : { subresource }),
    });
    writes.record(target.store, stored);
    this.#applied.set(key, { text, resourceVersion: stored.metadata.resourceVersion });
    return { object: stored, wrote: true };
  }

  /** Forgets an object that is gone. */
  forget(resource: ResourceType, name: { readonly namespace?: string; readonly name: string }): void {
    for (const subresource of [undefined, 'status'])
      this.#applied.delete(memoryKey(resource, { metadata: name }, subresource));
  }

  #isSettled(key: string, text: string, live: KubernetesObject, owner: FieldOwner): boolean {
    const remembered = this.#applied.get(key);
    if (remembered?.text === text && remembered.resourceVersion === live.metadata.resourceVersion) return true;
    return isApplied(JSON.parse(text), live, owner);
  }
}

function memoryKey(
  resource: ResourceType,
  { metadata }: { readonly metadata: { readonly namespace?: string; readonly name: string } },
  subresource: string | undefined,
): string {
  return [apiVersionOf(resource), resource.plural, metadata.namespace ?? '', metadata.name, subresource ?? ''].join(
    '/',
  );
}

import {
  apiVersionOf,
  type Client,
  type KubernetesObject,
  type OwnerReference,
  type ResourceType,
  type Store,
} from '@trueup/kube';
import { isApplied, type FieldOwner } from './applied.js';
import { takenOver } from './former-managers.js';
import { isOvertaken } from './overtaken.js';
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

  /** @param formerManagers - Whose updates and patches are taken over: what they set goes when it is not applied. */
  constructor(
    private readonly manager: string,
    private readonly formerManagers: readonly string[] = [],
  ) {}

  /** @returns the object as the server has it now, and whether a call was made. */
  async apply<T extends KubernetesObject>(
    target: ApplyTarget<T>,
    body: AppliedBody,
    options: { readonly subresource?: string; readonly writes: OwnWrites; readonly client: Client },
  ): Promise<{ readonly object: T; readonly wrote: boolean }> {
    const { subresource, writes, client } = options;
    const owner: FieldOwner = { manager: this.manager, ...(subresource === undefined ? {} : { subresource }) };
    const text = JSON.stringify(body);
    const key = memoryKey(target.resource, body, subresource);
    const live = target.live === undefined ? undefined : await this.#takeOver(target, target.live, owner, options);
    if (live !== undefined && this.#isSettled(key, text, live, owner))
      return { object: live, wrote: live !== target.live };

    const stored = await client.apply<T>(target.resource, JSON.parse(text), {
      fieldManager: this.manager,
      // A controller decides about the fields it applies; that is what being their owner means.
      force: true,
      ...(subresource === undefined ? {} : { subresource }),
    });
    if (subresource === 'status' && live !== undefined && isOvertaken(live, stored)) {
      writes.recordOvertaken(target.store, stored);
    } else writes.record(target.store, stored);
    this.#applied.set(key, { text, resourceVersion: stored.metadata.resourceVersion });
    return { object: stored, wrote: true };
  }

  /** Forgets an object that is gone. */
  forget(resource: ResourceType, name: { readonly namespace?: string; readonly name: string }): void {
    for (const subresource of [undefined, 'status'])
      this.#applied.delete(memoryKey(resource, { metadata: name }, subresource));
  }

  async #takeOver<T extends KubernetesObject>(
    { resource, store }: ApplyTarget<T>,
    live: T,
    owner: FieldOwner,
    { writes, client }: { readonly writes: OwnWrites; readonly client: Client },
  ): Promise<T> {
    if (takenOver(live, owner, this.formerManagers) === undefined) return live;
    // The cache knows the share of some managers only.
    const whole = await client.get<T>(resource, live.metadata);
    const managedFields = takenOver(whole, owner, this.formerManagers);
    if (managedFields === undefined) return whole;
    const patch = { metadata: { resourceVersion: whole.metadata.resourceVersion, managedFields } };
    // A status endpoint keeps managedFields as they are.
    const stored = await client.mergePatch<T>(resource, live.metadata, patch, { fieldManager: this.manager });
    writes.record(store, stored);
    return stored;
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

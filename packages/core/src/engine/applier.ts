import { hash } from 'node:crypto';
import {
  apiVersionOf,
  isApplyConflict,
  type Client,
  type Clock,
  type FieldConflict,
  type KubernetesObject,
  type OwnerReference,
  type ResourceType,
  type Store,
} from '@trueup/kube';
import { isApplied, type FieldOwner } from './applied.js';
import { takenOver } from './former-managers.js';
import { isOvertaken } from './overtaken.js';
import type { OwnWrites } from './own-writes.js';
import { Refusals } from './refusals.js';

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

export interface ApplyOptions {
  readonly subresource?: string;
  readonly writes: OwnWrites;
  readonly client: Client;
  /** Whether these fields may be taken from other managers. `all`: whatever it is, nobody else has a say in it. */
  readonly mayTake: 'all' | ((conflicts: readonly FieldConflict[]) => boolean);
}

/**
 * Applies objects server side and skips the call when it would change nothing.
 *
 * managedFields tell most of the time. Where the server stores another form of what was sent (a quantity, a defaulted
 * item of an atomic list) they can't; then it is remembered that this very text led to this very resourceVersion.
 */
export class Applier {
  /** Digests: what was applied may be long, and there is some for every child of every object. */
  readonly #applied = new Map<string, { readonly digest: string; readonly resourceVersion: string | undefined }>();

  /** What the server would take, and has not been sent yet since another child was refused. */
  readonly #rehearsed = new Map<string, string>();
  readonly #refusals: Refusals;

  /** @param formerManagers - Whose updates and patches are taken over: what they set goes when it is not applied. */
  constructor(
    private readonly manager: string,
    private readonly formerManagers: readonly string[],
    clock: Pick<Clock, 'now'>,
  ) {
    this.#refusals = new Refusals(clock);
  }

  /**
   * @returns the object as the server has it now, and what was taken from other managers.
   * @throws `ApplyConflictError` for what may not be taken.
   */
  async apply<T extends KubernetesObject>(
    target: ApplyTarget<T>,
    body: AppliedBody,
    options: ApplyOptions,
  ): Promise<{ readonly object: T; readonly taken: readonly FieldConflict[] }> {
    const { subresource, writes } = options;
    const owner: FieldOwner = { manager: this.manager, ...(subresource === undefined ? {} : { subresource }) };
    const text = JSON.stringify(body);
    const key = memoryKey(target.resource, body, subresource);
    const live = target.live === undefined ? undefined : await this.#takeOver(target, target.live, owner, options);
    if (live !== undefined && this.#isSettled(key, text, live, owner)) return { object: live, taken: [] };

    const { stored, taken } = await this.#refusals.guard({ key, text, live }, () =>
      // What is sent is a part of what is stored.
      this.#send(target.resource, body as KubernetesObject as T, options),
    );
    if (live !== undefined && isOvertaken(live, stored, subresource)) writes.recordOvertaken(target.store, stored);
    else writes.record(target.store, stored);
    this.#applied.set(key, { digest: digestOf(text), resourceVersion: stored.metadata.resourceVersion });
    this.#rehearsed.delete(key);
    return { object: stored, taken };
  }

  /** Asks the server whether it would take what is to be applied; nothing is written. @throws when it would not. */
  async rehearse<T extends KubernetesObject>(
    { resource, live }: ApplyTarget<T>,
    body: AppliedBody,
    client: Client,
  ): Promise<void> {
    const text = JSON.stringify(body);
    const key = memoryKey(resource, body, undefined);
    if (live !== undefined && this.#isSettled(key, text, live, { manager: this.manager })) return;
    const what = `${live?.metadata.resourceVersion} ${text}`;
    if (this.#rehearsed.get(key) === what) return;
    await this.#refusals.guard({ key, text, live }, () =>
      client.apply(resource, JSON.parse(text), { fieldManager: this.manager, force: true, dryRun: true }),
    );
    this.#rehearsed.set(key, what);
  }

  /** Forgets an object that is gone. */
  forget(resource: ResourceType, name: { readonly namespace?: string; readonly name: string }): void {
    for (const subresource of [undefined, 'status']) {
      const key = memoryKey(resource, { metadata: name }, subresource);
      this.#applied.delete(key);
      this.#rehearsed.delete(key);
      this.#refusals.forget(key);
    }
  }

  async #send<T extends KubernetesObject>(
    resource: ResourceType,
    object: T,
    { subresource, client, mayTake }: ApplyOptions,
  ): Promise<{ readonly stored: T; readonly taken: readonly FieldConflict[] }> {
    const as = { fieldManager: this.manager, ...(subresource === undefined ? {} : { subresource }) };
    try {
      return { stored: await client.apply<T>(resource, object, { force: mayTake === 'all', ...as }), taken: [] };
    } catch (error) {
      if (mayTake === 'all' || !isApplyConflict(error) || !mayTake(error.conflicts)) throw error;
      return { stored: await client.apply<T>(resource, object, { force: true, ...as }), taken: error.conflicts };
    }
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
    const isUnchanged = remembered?.resourceVersion === live.metadata.resourceVersion;
    if (isUnchanged && remembered?.digest === digestOf(text)) return true;
    return isApplied(JSON.parse(text), live, owner);
  }
}

const digestOf = (text: string): string => hash('sha1', text, 'base64');

function memoryKey(
  resource: ResourceType,
  { metadata }: { readonly metadata: { readonly namespace?: string; readonly name: string } },
  subresource: string | undefined,
): string {
  return [apiVersionOf(resource), resource.plural, metadata.namespace ?? '', metadata.name, subresource ?? ''].join(
    '/',
  );
}

import {
  apiVersionOf,
  formatName,
  type Client,
  type KubernetesObject,
  type OwnerReference,
  type ResourceType,
} from '@trueup/kube';
import { NotDeclaredError, OwnedByOtherError, PruneRefusedError } from '../errors.js';
import type { KindOf } from '../kind/kind.js';
import { ownedFields } from './applied.js';
import type { Applier, AppliedBody } from './applier.js';
import type { ControllerDefinition } from './definition.js';
import type { OwnWrites } from './own-writes.js';
import { CONTROLLER_INDEX, controllerUid } from './pass.js';
import type { DesiredObject } from './reconciler.js';
import type { EngineServices } from './services.js';

interface Call {
  readonly writes: OwnWrites;
  readonly client: Client;
}

/** A single spec change that removes more children than this, and more than half of them, is taken for a mistake. */
const PLAUSIBLE_PRUNE = 10;

/** Brings the children of one object to what is desired: applies what differs, removes what is no longer wanted. */
export class Children {
  constructor(
    private readonly definition: ControllerDefinition,
    private readonly services: EngineServices,
    private readonly applier: Applier,
  ) {}

  /** @returns how many writes it took. */
  async converge(owner: KubernetesObject, desired: readonly DesiredObject[], call: Call): Promise<number> {
    let writes = 0;
    const kept = new Set<string>();
    for (const child of desired) {
      const kind = this.#kindOf(child);
      kept.add(childKey(kind.resource, child.metadata.name));
      if (await this.#apply(kind, owner, child, call)) writes += 1;
    }
    return writes + (await this.#prune(owner, kept, call));
  }

  async #apply(kind: KindOf, owner: KubernetesObject, child: DesiredObject, call: Call): Promise<boolean> {
    const store = this.services.store(kind);
    const body = withOwner(child, owner, kind.resource.namespaced);
    const live = store.get(body.metadata);
    if (live !== undefined) requireNotOwnedByOther(live, owner);
    const { wrote } = await this.applier.apply({ resource: kind.resource, store, live }, body, call);
    return wrote;
  }

  async #prune(owner: KubernetesObject, kept: ReadonlySet<string>, { writes, client }: Call): Promise<number> {
    if (!this.definition.owns.every((kind) => this.services.hasSynced(kind))) return 0;
    const owned = this.definition.owns.flatMap((kind) => this.#ownedBy(owner, kind));
    const unwanted = owned.filter(({ kind, child }) => !kept.has(childKey(kind.resource, child.metadata.name)));
    if (unwanted.length > PLAUSIBLE_PRUNE && unwanted.length * 2 > owned.length) {
      throw new PruneRefusedError(
        `${owner.kind} ${formatName(owner.metadata)}: ${unwanted.length} of ${owned.length} children are no longer desired; ` +
          'removing so many at once is refused. Delete them by hand if that is meant.',
      );
    }
    for (const { kind, child } of unwanted) {
      const store = this.services.store(kind);
      const held = await client.delete(kind.resource, child.metadata, {
        propagationPolicy: 'Background',
        ...(child.metadata.uid === undefined ? {} : { preconditions: { uid: child.metadata.uid } }),
      });
      this.applier.forget(kind.resource, child.metadata);
      if (held === undefined) writes.recordDelete(store, child);
      else writes.record(store, held);
    }
    return unwanted.length;
  }

  /** Children that we applied ourselves; what others attached to the owner is theirs to remove. */
  #ownedBy(owner: KubernetesObject, kind: KindOf): { readonly kind: KindOf; readonly child: KubernetesObject }[] {
    const { uid } = owner.metadata;
    if (uid === undefined) return [];
    return this.services
      .store(kind)
      .byIndex(CONTROLLER_INDEX, uid)
      .filter((child) => child.metadata.deletionTimestamp === undefined)
      .filter((child) => ownedFields(child, { manager: this.definition.name }) !== undefined)
      .map((child) => ({ kind, child }));
  }

  #kindOf(child: DesiredObject): KindOf {
    const kind = this.definition.owns.find(
      ({ resource }) => resource.kind === child.kind && apiVersionOf(resource) === child.apiVersion,
    );
    if (kind === undefined) {
      throw new NotDeclaredError(
        `${this.definition.name}: desired() returned the ${child.kind} ${child.metadata.name} (${child.apiVersion}), ` +
          'a kind that is not in @Owns; add it so that it is watched and removed when no longer desired',
      );
    }
    return kind;
  }
}

function childKey(resource: ResourceType, name: string): string {
  return `${resource.group}/${resource.plural}/${name}`;
}

function withOwner(child: DesiredObject, owner: KubernetesObject, namespaced: boolean): AppliedBody {
  const { namespace } = owner.metadata;
  return {
    ...child,
    metadata: {
      ...child.metadata,
      ...(namespaced && namespace !== undefined ? { namespace } : {}),
      ownerReferences: [ownerReference(owner)],
    },
  };
}

function ownerReference(owner: KubernetesObject): OwnerReference {
  return {
    apiVersion: owner.apiVersion,
    kind: owner.kind,
    name: owner.metadata.name,
    uid: owner.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

function requireNotOwnedByOther(live: KubernetesObject, owner: KubernetesObject): void {
  const [uid] = controllerUid(live);
  if (uid === undefined || uid === owner.metadata.uid) return;
  const other = live.metadata.ownerReferences?.find((reference) => reference.uid === uid);
  throw new OwnedByOtherError(
    `${live.kind} ${formatName(live.metadata)} belongs to ${other?.kind} ${other?.name}; ` +
      `rename ${owner.kind} ${formatName(owner.metadata)} or remove the other one`,
  );
}

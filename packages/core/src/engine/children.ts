import {
  apiVersionOf,
  formatName,
  isApplyConflict,
  type ApplyConflictError,
  type FieldConflict,
  type KubernetesObject,
  type NamespacedName,
  type ResourceType,
} from '@trueup/kube';
import { FieldConflictError, NotDeclaredError, PruneRefusedError } from '../errors.js';
import type { KindOf } from '../kind/kind.js';
import { ownedFields } from './applied.js';
import type { Applier } from './applier.js';
import { ChildNotApplied } from './child-not-applied.js';
import { requireOwnable, withOwner } from './child-owner.js';
import type { ControllerDefinition } from './definition.js';
import { takenOver } from './former-managers.js';
import type { OwnershipOptions } from './ownership.js';
import { CONTROLLER_INDEX, RECHECK_MS, type Pass } from './pass.js';
import type { DesiredObject } from './reconciler.js';
import type { Run } from './run.js';
import type { EngineServices } from './services.js';

/** A single spec change that removes more children than this, and more than half of them, is taken for a mistake. */
const PLAUSIBLE_PRUNE = 10;

interface Child {
  readonly kind: KindOf;
  readonly child: KubernetesObject;
}

/** Brings the children of one object to what is desired: applies what differs, removes what is no longer wanted. */
export class Children {
  constructor(
    private readonly definition: ControllerDefinition,
    private readonly services: EngineServices,
    private readonly applier: Applier,
  ) {}

  async converge(pass: Pass<KubernetesObject>, desired: readonly DesiredObject[]): Promise<void> {
    const children = desired.map((child) => {
      const kind = this.#kindOf(child);
      return { kind, body: withOwner(child, pass.object, kind.resource) };
    });
    for (const { kind, body } of children) {
      // Which owners a function is for follows from the class that it was declared for.
      if (this.#ownership(kind).rehearse?.(pass.object as never) === true) await this.#rehearse(kind, body, pass);
    }
    for (const { kind, body } of children) await this.#apply(kind, body, pass);
    await this.#prune(pass, new Set(children.map(({ kind, body }) => childKey(kind.resource, body.metadata))));
  }

  /** Lets go of the children that outlive their owner. */
  async release(owner: KubernetesObject, run: Run): Promise<void> {
    for (const { kind, child } of this.#ownedBy(owner))
      if (this.#ownership(kind).orphan === true) await this.#orphan(kind, child, owner, run);
  }

  async #apply(kind: KindOf, body: ReturnType<typeof withOwner>, pass: Pass<KubernetesObject>): Promise<void> {
    const store = this.services.store(kind);
    const live = store.get(body.metadata);
    const ownership = this.#ownership(kind);
    try {
      if (live !== undefined) requireOwnable(live, pass.object, () => ownership.adopt === true || this.#isOurs(live));
      const { taken } = await this.applier.apply({ resource: kind.resource, store, live }, body, {
        writes: pass.run.writes,
        client: pass.client,
        mayTake: (conflicts) => mayTake(conflicts, ownership),
      });
      if (taken.length > 0) pass.event(takenEvent(body, taken));
    } catch (error) {
      const { name } = body.metadata;
      const cause = isApplyConflict(error) ? fieldConflict(body, error) : error;
      throw new ChildNotApplied({ kind: body.kind, name, existed: live !== undefined }, { cause });
    }
  }

  /** While nothing has been written yet. */
  async #rehearse(kind: KindOf, body: ReturnType<typeof withOwner>, { run }: Pass<KubernetesObject>): Promise<void> {
    const store = this.services.store(kind);
    const live = store.get(body.metadata);
    try {
      await this.applier.rehearse({ resource: kind.resource, store, live }, body, run.client);
    } catch (cause) {
      throw new ChildNotApplied({ kind: body.kind, name: body.metadata.name, existed: live !== undefined }, { cause });
    }
  }

  async #prune(pass: Pass<KubernetesObject>, kept: ReadonlySet<string>): Promise<void> {
    const owner = pass.object;
    const owned = this.#ownedBy(owner);
    const unwanted = owned.filter(({ kind, child }) => !kept.has(childKey(kind.resource, child.metadata)));
    if (unwanted.length === 0) return;
    // Who does not see everything may take for unwanted what something unseen asks for.
    if (!pass.hasSeenAll || !this.definition.owns.every((kind) => this.services.hasSynced(kind))) {
      pass.log.info({ children: unwanted.length }, 'children are not removed before all kinds have been read');
      pass.requeueAfter(RECHECK_MS);
      return;
    }
    if (unwanted.length > PLAUSIBLE_PRUNE && unwanted.length * 2 > owned.length) {
      throw new PruneRefusedError(
        `${owner.kind} ${formatName(owner.metadata)}: ${unwanted.length} of ${owned.length} children are no longer desired; ` +
          'removing so many at once is refused. Delete them by hand if that is meant.',
      );
    }
    for (const { kind, child } of unwanted) {
      if (this.#ownership(kind).orphan === true) await this.#orphan(kind, child, owner, pass.run);
      else await this.#delete(kind, child, pass.run);
    }
  }

  async #delete(kind: KindOf, child: KubernetesObject, { writes, client }: Run): Promise<void> {
    const store = this.services.store(kind);
    const held = await client.delete(kind.resource, child.metadata, {
      propagationPolicy: 'Background',
      ...(child.metadata.uid === undefined ? {} : { preconditions: { uid: child.metadata.uid } }),
    });
    this.applier.forget(kind.resource, child.metadata);
    if (held === undefined) writes.recordDelete(store, child);
    else writes.record(store, held);
  }

  /** With the resourceVersion that was read, since a merge patch replaces the whole list: nobody's reference is lost. */
  async #orphan(kind: KindOf, child: KubernetesObject, owner: KubernetesObject, run: Run): Promise<void> {
    const { resourceVersion, ownerReferences = [] } = child.metadata;
    const others = ownerReferences.filter(({ uid }) => uid !== owner.metadata.uid);
    const patch = { metadata: { resourceVersion, ownerReferences: others } };
    const released = await run.client.mergePatch(kind.resource, child.metadata, patch, {
      fieldManager: this.definition.name,
    });
    this.applier.forget(kind.resource, child.metadata);
    run.writes.record(this.services.store(kind), released);
  }

  /** Children that we applied ourselves; what others attached to the owner is theirs to remove. */
  #ownedBy({ metadata: { uid } }: KubernetesObject): readonly Child[] {
    if (uid === undefined) return [];
    return this.definition.owns.flatMap((kind) =>
      this.services
        .store(kind)
        .byIndex(CONTROLLER_INDEX, uid)
        .filter((child) => child.metadata.deletionTimestamp === undefined)
        .filter((child) => ownedFields(child, { manager: this.definition.name }) !== undefined)
        .map((child) => ({ kind, child })),
    );
  }

  /** Whether we applied it before, or an operator did that we take over from. */
  #isOurs(live: KubernetesObject): boolean {
    const owner = { manager: this.definition.name };
    return ownedFields(live, owner) !== undefined || takenOver(live, owner, this.services.formerManagers) !== undefined;
  }

  #ownership({ resource }: KindOf): OwnershipOptions {
    return this.definition.ownership?.find(({ kind }) => kind.resource === resource) ?? {};
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

function childKey(resource: ResourceType, name: NamespacedName): string {
  return `${resource.group}/${resource.plural}/${formatName(name)}`;
}

function mayTake(conflicts: readonly FieldConflict[], { conflicts: policy = 'restore' }: OwnershipOptions): boolean {
  if (policy === 'restore') return conflicts.every(({ operation }) => operation === 'Update');
  return policy === 'force';
}

function fieldConflict(body: ReturnType<typeof withOwner>, { conflicts }: ApplyConflictError): FieldConflictError {
  return new FieldConflictError(
    `${body.kind} ${formatName(body.metadata)}: ${described(conflicts)}; leave it to one of the two to say what it should be`,
  );
}

function takenEvent(body: ReturnType<typeof withOwner>, taken: readonly FieldConflict[]) {
  const note = `${body.kind} ${formatName(body.metadata)}: ${described(taken)}; it was put back`;
  return { type: 'Normal', reason: 'FieldsPutBack', action: 'Apply', note } as const;
}

/** `.data.owner was set by "kubectl-edit"`. */
function described(conflicts: readonly FieldConflict[]): string {
  return conflicts
    .map(
      ({ field, operation, manager }) => `${field} ${operation === 'Apply' ? 'is applied' : 'was set'} by "${manager}"`,
    )
    .join(', ');
}

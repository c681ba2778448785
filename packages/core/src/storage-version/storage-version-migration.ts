import type { KubernetesObject } from '@trueup/kube';
import { permission, Permissions } from '../decorators/permissions.js';
import { Reconciler } from '../decorators/reconciler.js';
import type { Context } from '../engine/context.js';
import { done, requeueAfter, type Outcome } from '../engine/outcome.js';
import { messageOf } from '../errors.js';
import { CUSTOM_RESOURCE_DEFINITION } from '../kind/custom-resource-definition.js';
import type { Kind, KindOf } from '../kind/kind.js';
import { defineModule, type OperatorModule } from '../operator/module.js';
import { StoredObjects } from './stored-objects.js';

export interface StorageVersionMigrationOptions {
  /** Whose objects are migrated; each of them must be installed with the label. */
  readonly kinds: readonly Kind[];
  /** The label, set to `true`, by which a CustomResourceDefinition asks for it. */
  readonly label: string;
}

/** A CustomResourceDefinition, so far as it says in which versions its objects are stored. */
interface Definition extends KubernetesObject {
  readonly spec?: {
    readonly group: string;
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string; readonly storage?: boolean }[];
  };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

const CONFLICT_DELAY_MS = 30_000;
/** Told once that objects are changed by others again and again. */
const PASSES_BEFORE_WORD = 5;
/** A migration goes on where it was broken off. */
const DEADLINE_MS = 30 * 60_000;

/**
 * A module that brings objects which are still stored in an older version of their kind into the storage version, and takes
 * the older ones out of the kind's `status.storedVersions`: only then may a later release drop them from the kind. It needs
 * to read and write objects in all namespaces.
 *
 * @see {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#upgrade-existing-objects-to-a-new-stored-version | Upgrade existing objects to a new stored version}
 */
export function storageVersionMigration({ kinds, label }: StorageVersionMigrationOptions): OperatorModule {
  const definitions: KindOf<Definition> = {
    resource: { ...CUSTOM_RESOURCE_DEFINITION },
    labelSelector: `${label}=true`,
  };

  @Reconciler(definitions, { name: 'storageversionmigrator-controller', concurrency: 1, deadlineMs: DEADLINE_MS })
  @Permissions(...kinds.map((kind) => permission(kind, 'get', 'list', 'update')))
  class StorageVersionMigrator {
    /** Migrations that are under way, by the definition. */
    readonly #migrations = new Map<string, Migration>();

    async reconcile({ metadata: { name } }: Definition, ctx: Context): Promise<Outcome> {
      const definition = await ctx.client.get<Definition>(definitions.resource, { name });
      const kind = kinds.find(({ resource }) => name === `${resource.plural}.${resource.group}`);
      const version = storageVersionOf(definition);
      if (kind === undefined || version === undefined || isMigrated(definition, version)) {
        this.#migrations.delete(name);
        return done;
      }
      const begun = this.#migrations.get(name);
      const migration = begun?.version === version ? begun : new Migration(kind, version);
      this.#migrations.set(name, migration);
      return migration.proceed(definition, ctx);
    }
  }

  return defineModule({ name: 'storage-version-migration', kinds: [], reconcilers: [StorageVersionMigrator] });
}

function storageVersionOf({ spec }: Definition): string | undefined {
  return spec?.versions.find(({ storage }) => storage === true)?.name;
}

function isMigrated({ status }: Definition, version: string): boolean {
  const { storedVersions = [] } = status ?? {};
  return storedVersions.every((stored) => stored === version);
}

/** Of one kind to one version. */
class Migration {
  readonly #objects: StoredObjects;
  #passesWithConflicts = 0;

  constructor(
    kind: Kind,
    readonly version: string,
  ) {
    this.#objects = new StoredObjects({ ...kind.resource, version });
  }

  async proceed(definition: Definition, ctx: Context): Promise<Outcome> {
    const conflicts = await this.#step(ctx, 'RestoreCRs', 'storage version migration failed', () =>
      this.#objects.writeBack(ctx.client, ctx.now.getTime()),
    );
    if (conflicts > 0) return this.#later(conflicts, ctx);
    await this.#step(ctx, 'PatchStoredVersions', 'storedVersions patch failed', () =>
      this.#forgetVersions(definition, ctx),
    );
    const note = `storage version migrated to ${this.version}`;
    ctx.event({ type: 'Normal', reason: 'StorageVersionMigrationSucceeded', action: 'Migrate', note });
    return done;
  }

  #later(conflicts: number, { log }: Context): Outcome {
    this.#passesWithConflicts += 1;
    if (this.#passesWithConflicts === PASSES_BEFORE_WORD)
      log.info({ conflicts, version: this.version }, 'the storage version migration is not converging');
    return requeueAfter(CONFLICT_DELAY_MS);
  }

  /** With the resourceVersion that was read: who has changed the definition meanwhile may have changed the version, too. */
  async #forgetVersions({ metadata: { name, resourceVersion } }: Definition, { client }: Context): Promise<void> {
    const patch = { metadata: { resourceVersion }, status: { storedVersions: [this.version] } };
    await client.mergePatch(CUSTOM_RESOURCE_DEFINITION, { name }, patch, { subresource: 'status' });
  }

  async #step<R>(ctx: Context, action: string, problem: string, take: () => Promise<R>): Promise<R> {
    try {
      return await take();
    } catch (error) {
      const note = `${problem}: ${messageOf(error)}`;
      ctx.event({ type: 'Warning', reason: 'StorageVersionMigrationFailed', action, note });
      throw error;
    }
  }
}

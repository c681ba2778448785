import type { Verb } from '@trueup/kube';
import { Event, type PolicyRule } from '../builtin-kinds.js';
import type { KindPermission } from '../decorators/permissions.js';
import type { ReconcilerMethods } from '../engine/reconciler.js';
import type { KindOf } from '../kind/kind.js';
import {
  contentKindsOf,
  ownedKindsOf,
  ownershipOf,
  permissionsOf,
  referencesOf,
  watchesOf,
  type ControllerRecord,
} from '../metadata.js';
import type { Constructor } from '../operator/module.js';

/** A rule and where it counts: in namespaces, or on objects that are in none. */
export interface ScopedRule {
  readonly rule: PolicyRule;
  readonly namespaced: boolean;
}

const READ: readonly Verb[] = ['get', 'list', 'watch'];
/** Children are applied server side, which takes `create` for those that are not there yet. */
const OWN: readonly Verb[] = [...READ, 'create', 'patch', 'delete'];

/**
 * What the controller of a decorated class does to the API server, by its declarations.
 * @param options.takesOver - It takes over from another operator, whose field managers it replaces on its objects.
 */
export function controllerPermissions(
  target: Constructor,
  record: ControllerRecord,
  { takesOver }: { readonly takesOver: boolean },
): readonly ScopedRule[] {
  const { kind } = record;
  const owned = ownedKindsOf(target);
  const read = [
    ...watchesOf(target).map((watch) => watch.kind),
    ...referencesOf(target).map((ref) => ref.to),
    ...contentKindsOf(target),
  ];
  return [
    on(kind, takesOver || writesFinalizers(target, record) ? [...READ, 'patch'] : READ),
    on(kind, ['patch'], 'status'),
    // What owners of objects with blockOwnerDeletion need where OwnerReferencesPermissionEnforcement is on, as on OpenShift.
    ...(owned.length > 0 ? [on(kind, ['update'], 'finalizers')] : []),
    ...owned.map((each) => on(each, OWN)),
    ...read.map((each) => on(each, READ)),
    // Patched, too, when an event that repeats becomes a series.
    // Those of an object that is in no namespace are in `default`, whatever is watched.
    { ...on(Event, ['create', 'patch']), namespaced: kind.resource.namespaced },
    ...declaredPermissions(target),
  ];
}

/** What a class says by `@Permissions`. */
export function declaredPermissions(target: Constructor): readonly ScopedRule[] {
  return permissionsOf(target).map((permission) =>
    isOfKind(permission) ? on(permission.kind, permission.verbs) : { rule: permission, namespaced: true },
  );
}

/** A rule on all objects of a kind, or on a subresource of them. */
function on({ resource }: KindOf, verbs: readonly Verb[], subresource?: string): ScopedRule {
  const { group, plural, namespaced } = resource;
  const name = subresource === undefined ? plural : `${plural}/${subresource}`;
  return { rule: { apiGroups: [group], resources: [name], verbs }, namespaced };
}

/** Whether objects get a finalizer, or lose one that nobody serves any more. */
function writesFinalizers(target: Constructor, record: ControllerRecord): boolean {
  if (record.flavour === 'shared-config') return true;
  const { finalizer, formerFinalizers = [] } = record.options;
  const methods: ReconcilerMethods = (target as Constructor<ReconcilerMethods>).prototype;
  const orphans = ownershipOf(target).some(({ orphan }) => orphan);
  return finalizer !== undefined || formerFinalizers.length > 0 || methods.finalize !== undefined || orphans;
}

function isOfKind(permission: KindPermission | PolicyRule): permission is KindPermission {
  return 'kind' in permission;
}

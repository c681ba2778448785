import { Event, Lease, Secret, type PolicyRule } from '../builtin-kinds.js';
import { DIGEST_KEY_SECRET } from '../content/digest-key.js';
import { contentKindsOf, controllerRecordOf } from '../metadata.js';
import type { OperatorModule } from '../operator/module.js';
import { controllerPermissions } from './controller-permissions.js';
import { mergeRules } from './policy-rules.js';

/** Everything an operator needs to be allowed, by where it counts. */
export interface OperatorPermissions {
  /** On objects in namespaces: in each that is watched, or in all of them. */
  readonly namespaced: readonly PolicyRule[];
  /** On objects that are in no namespace. Most operators need nothing there. */
  readonly cluster: readonly PolicyRule[];
  /** In the namespace the operator itself runs in. */
  readonly ownNamespace: readonly PolicyRule[];
}

export interface PermissionOptions {
  /** Name of the Lease by which replicas elect their leader. Default: no leader is elected. */
  readonly lease?: string;
  /** Whether the operator has `formerManagers`. Default false. */
  readonly takesOver?: boolean;
}

/**
 * The permissions that follow from what the modules declare, and no others: their kinds, what these own, watch and
 * reference, the contents they read, `@Permissions`, events.
 *
 * Kinds are not installed with them; that is for who installs the operator.
 */
export function operatorPermissions(
  modules: readonly OperatorModule[],
  options: PermissionOptions = {},
): OperatorPermissions {
  const targets = modules.flatMap((module) => module.reconcilers);
  const rules = targets.flatMap((target) => {
    const record = controllerRecordOf(target);
    return record === undefined ? [] : controllerPermissions(target, record, { takesOver: options.takesOver ?? false });
  });
  const readsContents = targets.some((target) => contentKindsOf(target).length > 0);
  return {
    namespaced: mergeRules(rules.filter(({ namespaced }) => namespaced).map(({ rule }) => rule)),
    cluster: mergeRules(rules.filter(({ namespaced }) => !namespaced).map(({ rule }) => rule)),
    ownNamespace: mergeRules([
      ...(readsContents ? makeOnce(Secret.resource, DIGEST_KEY_SECRET, ['get']) : []),
      ...(options.lease === undefined ? [] : leaderElection(options.lease)),
    ]),
  };
}

function leaderElection(lease: string): readonly PolicyRule[] {
  const { group, plural } = Event.resource;
  return [
    ...makeOnce(Lease.resource, lease, ['get', 'update']),
    { apiGroups: [group], resources: [plural], verbs: ['create', 'patch'] },
  ];
}

/** A name cannot limit `create`: there is no object yet when it is decided. */
function makeOnce(
  { group, plural }: { readonly group: string; readonly plural: string },
  name: string,
  verbs: readonly string[],
): readonly PolicyRule[] {
  return [
    { apiGroups: [group], resources: [plural], verbs: ['create'] },
    { apiGroups: [group], resources: [plural], resourceNames: [name], verbs },
  ];
}

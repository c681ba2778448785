import type { Verb } from '@trueup/kube';
import type { PolicyRule } from '../builtin-kinds.js';
import type { KindOf } from '../kind/kind.js';
import { addPermissions } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

/** Some verbs on the objects of a kind. */
export interface KindPermission {
  readonly kind: KindOf;
  readonly verbs: readonly Verb[];
}

/** The permission to do something to the objects of a kind: `permission(Pod, 'delete')`. */
export function permission(kind: KindOf, ...verbs: readonly Verb[]): KindPermission {
  return { kind, verbs };
}

/**
 * Declares what a class needs to be allowed beyond what its other declarations say: its own calls by `ctx.client`, and the
 * rules of the roles it writes, since the API server lets nobody grant what they do not have. Rules given as such count in
 * the namespaces that are watched.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping | Privilege escalation prevention}
 *
 * @example
 * ```ts
 * @Permissions(permission(Pod, 'delete'), ...RULES_OF_THE_PROXY)
 * ```
 */
export function Permissions(...permissions: readonly (KindPermission | PolicyRule)[]) {
  return (target: Constructor): void => addPermissions(target, permissions);
}

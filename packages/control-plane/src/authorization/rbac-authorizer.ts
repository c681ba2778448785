import { objectAt, objectsAt, stringAt } from '../access.js';
import type { JsonObject } from '../object.js';
import type { UserInfo } from '../resources/write-context.js';
import { notFound } from '../resources/errors.js';
import type { StatusError } from '../status-error.js';
import type { Store } from '../storage/store.js';
import type { StoredObject } from '../storage/table.js';
import type { Attributes } from './attributes.js';
import type { Authorizer, Decision } from './authorizer.js';
import { allows, readRule, type PolicyRule } from './policy-rule.js';
import { serviceAccountUser } from './service-account-user.js';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';
/** Members may do everything, whatever the roles say. */
export const PRIVILEGED_GROUP = 'system:masters';

/** What a binding refers to. */
export interface RoleRef {
  readonly kind: 'Role' | 'ClusterRole';
  readonly name: string;
}

/** A binding that concerns a user. */
interface Grant {
  /** `RoleBinding "b/ns" of Role "r" to User "u"`. */
  readonly description: string;
  /** Undefined when the role does not exist. */
  readonly rules: readonly PolicyRule[] | undefined;
  readonly roleRef: RoleRef;
}

interface Binding {
  readonly roleRef: RoleRef;
  readonly subjects: readonly Subject[];
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
}

/**
 * Role-based access control, out of the roles and bindings that are stored: what is committed counts at once.
 *
 * Objects are frozen when they are stored, so each is read once, when a decision first needs it.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/rbac/ | Using RBAC Authorization}
 */
export class RbacAuthorizer implements Authorizer {
  readonly #store: Store;
  readonly #bindings = new WeakMap<StoredObject, Binding>();
  readonly #rules = new WeakMap<StoredObject, readonly PolicyRule[]>();

  constructor(store: Store) {
    this.#store = store;
  }

  decide(user: UserInfo, attributes: Attributes): Decision {
    if (user.groups.includes(PRIVILEGED_GROUP)) return { allowed: true, reason: '' };
    const missing = new Set<string>();
    const namespace = attributes.type === 'resource' ? attributes.namespace : undefined;
    for (const { description, rules, roleRef } of this.#grants(user, namespace)) {
      if (rules?.some((rule) => allows(rule, attributes)))
        return { allowed: true, reason: `RBAC: allowed by ${description}` };
      if (!rules) missing.add(missingRole(roleRef).message);
    }
    const problems = [...missing];
    const reason = problems.length > 1 ? `[${problems.join(', ')}]` : (problems[0] ?? '');
    return { allowed: false, reason: reason === '' ? '' : `RBAC: ${reason}` };
  }

  rulesOf(user: UserInfo, namespace: string | undefined): readonly PolicyRule[] {
    return [...this.#grants(user, namespace)].flatMap(({ rules }) => rules ?? []);
  }

  /**
   * The rules of a role.
   * @throws StatusError 404 when there is no such role.
   */
  rulesOfRole(roleRef: RoleRef, namespace: string | undefined): readonly PolicyRule[] {
    const rules = this.#rulesOfRole(roleRef, namespace);
    if (!rules) throw missingRole(roleRef);
    return rules;
  }

  *#grants(user: UserInfo, namespace: string | undefined): Generator<Grant> {
    for (const binding of this.#table('clusterrolebindings').list()) yield* this.#grantOf(binding, user, undefined);
    if (namespace === undefined) return;
    for (const binding of this.#table('rolebindings').list(namespace)) yield* this.#grantOf(binding, user, namespace);
  }

  *#grantOf(object: StoredObject, user: UserInfo, namespace: string | undefined): Generator<Grant> {
    const { roleRef, subjects } = this.#binding(object);
    const subject = subjects.find((candidate) => concerns(candidate, user, namespace));
    if (!subject) return;
    const { name = '' } = object.metadata;
    const binding = namespace === undefined ? `ClusterRoleBinding "${name}"` : `RoleBinding "${name}/${namespace}"`;
    yield {
      description: `${binding} of ${roleRef.kind} "${roleRef.name}" to ${describeSubject(subject, namespace)}`,
      rules: this.#rulesOfRole(roleRef, namespace),
      roleRef,
    };
  }

  #binding(object: StoredObject): Binding {
    let binding = this.#bindings.get(object);
    if (!binding) {
      const subjects = objectsAt(object, 'subjects').map((subject) => ({
        kind: stringAt(subject, 'kind'),
        name: stringAt(subject, 'name'),
        namespace: stringAt(subject, 'namespace'),
      }));
      binding = { roleRef: roleRefOf(object), subjects };
      this.#bindings.set(object, binding);
    }
    return binding;
  }

  #rulesOfRole({ kind, name }: RoleRef, namespace: string | undefined): readonly PolicyRule[] | undefined {
    const role =
      kind === 'Role' ? this.#table('roles').get(namespace, name) : this.#table('clusterroles').get(undefined, name);
    if (!role) return undefined;
    let rules = this.#rules.get(role);
    if (!rules) {
      rules = objectsAt(role, 'rules').map(readRule);
      this.#rules.set(role, rules);
    }
    return rules;
  }

  #table(plural: string): ReturnType<Store['table']> {
    return this.#store.table(`${plural}.${RBAC_GROUP}`);
  }
}

/** The role that a binding binds to. */
export function roleRefOf(binding: Readonly<JsonObject>): RoleRef {
  const roleRef = objectAt(binding, 'roleRef');
  return { kind: roleRef['kind'] === 'Role' ? 'Role' : 'ClusterRole', name: stringAt(roleRef, 'name') };
}

/** The server names the kind here where it names the plural elsewhere. */
function missingRole({ kind, name }: RoleRef): StatusError {
  return notFound({ group: RBAC_GROUP, plural: kind.toLowerCase(), kind }, name);
}

function concerns({ kind, name, namespace }: Subject, user: UserInfo, bindingNamespace: string | undefined): boolean {
  switch (kind) {
    case 'User':
      return user.username === name;
    case 'Group':
      return user.groups.includes(name);
    case 'ServiceAccount':
      return user.username === serviceAccountUser(namespace || (bindingNamespace ?? ''), name);
    default:
      return false;
  }
}

function describeSubject({ kind, name, namespace }: Subject, bindingNamespace: string | undefined): string {
  if (kind !== 'ServiceAccount') return `${kind} "${name}"`;
  return `ServiceAccount "${name}/${namespace || (bindingNamespace ?? '')}"`;
}

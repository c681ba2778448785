import { objectsAt, optionalObjectAt } from '../access.js';
import { equalJson } from '../json.js';
import type { KubeObject } from '../object.js';
import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import { forbidden } from '../resources/errors.js';
import type { UserInfo } from '../resources/write-context.js';
import { breakDown, covers, describeRule, joinVerbs, quoteList, readRule, type PolicyRule } from './policy-rule.js';
import { PRIVILEGED_GROUP, RBAC_GROUP, roleRefOf, type RbacAuthorizer } from './rbac-authorizer.js';

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'], resourceNames: [], nonResourceURLs: [] },
  { verbs: ['*'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: ['*'] },
];

/**
 * Lets nobody grant more than they have: a role may be written by those who hold all of its rules or may `escalate` it,
 * a binding by those who hold all rules of the role or may `bind` it.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping | Privilege escalation prevention}
 */
export class EscalationGuard implements AdmissionPlugin {
  readonly name = 'EscalationGuard';
  readonly #authorizer: RbacAuthorizer;

  constructor(authorizer: RbacAuthorizer) {
    this.#authorizer = authorizer;
  }

  /** Last of the mutating plugins: what counts is what they made of the object. */
  mutate(request: AdmissionRequest): void {
    const { resource, user, object, oldObject } = request;
    if (resource.group !== RBAC_GROUP || !object || user.groups.includes(PRIVILEGED_GROUP)) return;
    if (oldObject && equalJson(withoutCollectorFields(object), withoutCollectorFields(oldObject))) return;
    if (resource.plural === 'roles' || resource.plural === 'clusterroles') this.#checkRole(request, object);
    else this.#checkBinding(request, object);
  }

  #checkRole(request: AdmissionRequest, role: KubeObject): void {
    const { resource, user, namespace, operation, oldObject } = request;
    // A role that is being made has no name yet.
    const name = operation === 'CREATE' ? undefined : role.metadata.name;
    if (this.#may(user, 'escalate', resource.plural, namespace, name)) return;
    if (oldObject && equalJson(rulePart(role), rulePart(oldObject))) return;
    const refuse = (why: string): Error => forbidden(resource, role.metadata.name, why);
    const problem = this.#missing(user, objectsAt(role, 'rules').map(readRule), namespace);
    if (problem !== undefined) throw refuse(problem);
    const gathers = objectsAt(optionalObjectAt(role, 'aggregationRule') ?? {}, 'clusterRoleSelectors').length > 0;
    if (gathers && this.#missing(user, EVERYTHING, undefined) !== undefined) {
      throw refuse('must have cluster-admin privileges to use the aggregationRule');
    }
  }

  #checkBinding({ resource, user, namespace }: AdmissionRequest, binding: KubeObject): void {
    const roleRef = roleRefOf(binding);
    const roles = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
    if (this.#may(user, 'bind', roles, namespace, roleRef.name)) return;
    const problem = this.#missing(user, this.#authorizer.rulesOfRole(roleRef, namespace), namespace);
    if (problem !== undefined) throw forbidden(resource, binding.metadata.name, problem);
  }

  #may(
    user: UserInfo,
    verb: string,
    resource: string,
    namespace: string | undefined,
    name: string | undefined,
  ): boolean {
    return this.#authorizer.decide(user, {
      type: 'resource',
      verb,
      group: RBAC_GROUP,
      resource,
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
    }).allowed;
  }

  /** What of some rules a user does not have, as a real server says it; undefined when that is nothing. */
  #missing(user: UserInfo, rules: readonly PolicyRule[], namespace: string | undefined): string | undefined {
    const owned = this.#authorizer.rulesOf(user, namespace);
    const missing = rules.flatMap(breakDown).filter((wanted) => !owned.some((rule) => covers(rule, wanted)));
    if (missing.length === 0) return undefined;
    const { username, groups } = user;
    const shown = joinVerbs(missing).map(describeRule).sort();
    return `user "${username}" (groups=${quoteList(groups)}) is attempting to grant RBAC permissions not currently held:\n${shown.join('\n')}`;
  }
}

function rulePart(role: Readonly<KubeObject>): unknown {
  return [role['rules'] ?? [], role['aggregationRule'] ?? null];
}

/** The garbage collector must be able to write owners and finalizers of a role that it does not hold. */
function withoutCollectorFields(object: Readonly<KubeObject>): unknown {
  const { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managers, ...metadata } = object.metadata;
  return { ...object, metadata };
}

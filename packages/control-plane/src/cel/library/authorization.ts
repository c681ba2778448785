import { labelProblems, subdomainProblems } from '../../schema/names.js';
import { CelError } from '../cel-error.js';
import { anOpaque, aString, method, type Growth, type Overload } from '../overload.js';
import { BOOL, STRING, type CelType } from '../types.js';
import type { OpaqueValue } from '../values.js';

const DOMAIN = 'kubernetes.authorization';
const PATH_CHECK: CelType = { kind: 'opaque', name: `${DOMAIN}.PathCheck` };
const GROUP_CHECK: CelType = { kind: 'opaque', name: `${DOMAIN}.GroupCheck` };
const DECISION: CelType = { kind: 'opaque', name: `${DOMAIN}.Decision` };

/** The type of the variable `authorizer`. */
export const AUTHORIZER: CelType = { kind: 'opaque', name: `${DOMAIN}.Authorizer` };
/** The type of the variable `authorizer.requestResource`. */
export const RESOURCE_CHECK: CelType = { kind: 'opaque', name: `${DOMAIN}.ResourceCheck` };

/** What may be asked about a resource. What is empty is not asked about. */
export interface ResourceQuestion {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Knows what one user may do. */
export interface AccessOracle {
  askPath(path: string, verb: string): AccessAnswer;
  askResource(question: ResourceQuestion, verb: string): AccessAnswer;
  /** What a service account may do, in place of this user. */
  ofServiceAccount(namespace: string, name: string): AccessOracle;
}

abstract class AuthorizationValue implements OpaqueValue {
  abstract readonly opaqueType: string;

  /** Checks are made, not compared. */
  equals(other: OpaqueValue): boolean {
    return other === this;
  }
}

/** The value of the variable `authorizer`. */
export class AuthorizerValue extends AuthorizationValue {
  readonly opaqueType = `${DOMAIN}.Authorizer`;

  constructor(readonly oracle: AccessOracle) {
    super();
  }
}

class PathCheck extends AuthorizationValue {
  readonly opaqueType = `${DOMAIN}.PathCheck`;

  constructor(
    readonly oracle: AccessOracle,
    readonly path: string,
  ) {
    super();
  }
}

class GroupCheck extends AuthorizationValue {
  readonly opaqueType = `${DOMAIN}.GroupCheck`;

  constructor(
    readonly oracle: AccessOracle,
    readonly group: string,
  ) {
    super();
  }
}

/** A question about a resource, such as the one that a request is about. */
export class ResourceCheckValue extends AuthorizationValue {
  readonly opaqueType = `${DOMAIN}.ResourceCheck`;

  constructor(
    readonly oracle: AccessOracle,
    readonly question: ResourceQuestion,
  ) {
    super();
  }

  with(part: Partial<ResourceQuestion>): ResourceCheckValue {
    return new ResourceCheckValue(this.oracle, { ...this.question, ...part });
  }
}

class DecisionValue extends AuthorizationValue {
  readonly opaqueType = `${DOMAIN}.Decision`;

  constructor(readonly answer: AccessAnswer) {
    super();
  }
}

const anAuthorizer = anOpaque(AUTHORIZER, (value) => value instanceof AuthorizerValue);
const aPathCheck = anOpaque(PATH_CHECK, (value) => value instanceof PathCheck);
const aGroupCheck = anOpaque(GROUP_CHECK, (value) => value instanceof GroupCheck);
const aResourceCheck = anOpaque(RESOURCE_CHECK, (value) => value instanceof ResourceCheckValue);
const aDecision = anOpaque(DECISION, (value) => value instanceof DecisionValue);

/** So that an expression can ask twice and no more. */
const CHECK: Growth = { cost: () => 350_000 };

function checkPath({ oracle }: AuthorizerValue, text: string): PathCheck {
  if (text.trim() === '') throw new CelError('path must not be empty');
  return new PathCheck(oracle, text);
}

function checkResource({ oracle, group }: GroupCheck, resource: string): ResourceCheckValue {
  if (resource.trim() === '') throw new CelError('resource must not be empty');
  return new ResourceCheckValue(oracle, { group, resource, subresource: '', namespace: '', name: '' });
}

function ofServiceAccount({ oracle }: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  if (subdomainProblems(name).length > 0) throw new CelError('Invalid service account name');
  if (labelProblems(namespace).length > 0) throw new CelError('Invalid service account namespace');
  return new AuthorizerValue(oracle.ofServiceAccount(namespace, name));
}

/**
 * Kubernetes' library for authorization: what may be asked of the variable `authorizer`. Selectors are taken and not looked
 * at, as RBAC has none.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/cel/#kubernetes-authorizer-library | Kubernetes authorizer library}
 */
export const authorization: readonly Overload[] = [
  method('path', [anAuthorizer, aString], PATH_CHECK, checkPath),
  method('group', [anAuthorizer, aString], GROUP_CHECK, ({ oracle }, group) => new GroupCheck(oracle, group)),
  method('serviceAccount', [anAuthorizer, aString, aString], AUTHORIZER, ofServiceAccount),
  method('resource', [aGroupCheck, aString], RESOURCE_CHECK, checkResource),
  method('subresource', [aResourceCheck, aString], RESOURCE_CHECK, (check, subresource) => check.with({ subresource })),
  method('namespace', [aResourceCheck, aString], RESOURCE_CHECK, (check, namespace) => check.with({ namespace })),
  method('name', [aResourceCheck, aString], RESOURCE_CHECK, (check, name) => check.with({ name })),
  method('fieldSelector', [aResourceCheck, aString], RESOURCE_CHECK, (check) => check),
  method('labelSelector', [aResourceCheck, aString], RESOURCE_CHECK, (check) => check),
  method(
    'check',
    [aPathCheck, aString],
    DECISION,
    ({ oracle, path }, verb) => new DecisionValue(oracle.askPath(path, verb)),
    CHECK,
  ),
  method(
    'check',
    [aResourceCheck, aString],
    DECISION,
    ({ oracle, question }, verb) => new DecisionValue(oracle.askResource(question, verb)),
    CHECK,
  ),
  method('allowed', [aDecision], BOOL, ({ answer }) => answer.allowed),
  method('reason', [aDecision], STRING, ({ answer }) => answer.reason),
  method('errored', [aDecision], BOOL, () => false),
  method('error', [aDecision], STRING, () => ''),
];

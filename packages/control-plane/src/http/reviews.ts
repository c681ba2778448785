import { objectAt, optionalObjectAt, stringAt, stringsAt } from '../access.js';
import type { Attributes } from '../authorization/attributes.js';
import type { Authorizer } from '../authorization/authorizer.js';
import type { PolicyRule } from '../authorization/policy-rule.js';
import type { JsonObject } from '../object.js';
import { badRequest, invalid } from '../resources/errors.js';
import type { Resource } from '../resources/resource.js';
import type { UserInfo } from '../resources/write-context.js';
import { forbidden, invalid as invalidField } from '../schema/field-error.js';
import type { FieldError } from '../status-error.js';
import type { Authenticator } from './authentication.js';
import type { ResourceRoute } from './route.js';

export interface ReviewContext {
  readonly user: UserInfo;
  readonly authorizer: Authorizer;
  readonly authenticator: Authenticator;
}

/** A review that was posted. */
interface Question {
  readonly resource: Resource;
  /** Of the request. */
  readonly namespace: string | undefined;
  readonly spec: JsonObject;
}

/**
 * The answer to a POST of a review, which is computed and not stored; undefined for what is none.
 *
 * @throws StatusError 400 or 422 for a question that cannot be answered.
 */
export function answerReview(
  { resource, route }: { readonly resource: Resource; readonly route: ResourceRoute },
  body: JsonObject,
  context: ReviewContext,
): JsonObject | undefined {
  const question = { resource, namespace: route.namespace, spec: objectAt(body, 'spec') };
  const status = statusOf(question, context);
  if (!status) return undefined;
  const spec = optionalObjectAt(body, 'spec');
  return {
    kind: body['kind'],
    apiVersion: body['apiVersion'],
    metadata: objectAt(body, 'metadata'),
    ...(spec === undefined ? {} : { spec }),
    status,
  };
}

function statusOf(question: Question, context: ReviewContext): JsonObject | undefined {
  const { user, authorizer, authenticator } = context;
  const { spec } = question;
  switch (question.resource.kind) {
    case 'SelfSubjectReview':
      return { userInfo: { ...user } };
    case 'TokenReview':
      return reviewToken(spec, authenticator);
    case 'SelfSubjectAccessReview':
      return reviewAccess(question, user, authorizer);
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      return reviewAccess(question, subjectOf(spec), authorizer);
    case 'SelfSubjectRulesReview':
      return reviewRules(spec, user, authorizer);
    default:
      return undefined;
  }
}

function reviewToken(spec: JsonObject, authenticator: Authenticator): JsonObject {
  const token = stringAt(spec, 'token');
  if (token === '') throw badRequest('token is required for TokenReview in authentication');
  const known = authenticator.serviceAccounts.audiences;
  const asked = stringsAt(spec, 'audiences');
  const user = authenticator.userOf(token, asked.length === 0 ? known : asked);
  if (!user) return { user: {}, error: 'invalid bearer token' };
  const audiences = asked.length === 0 ? known : authenticator.audiencesOf(token, asked);
  return { authenticated: true, user: { ...user }, audiences };
}

function reviewAccess(question: Question, subject: UserInfo, authorizer: Authorizer): JsonObject {
  const errors = accessErrors(question);
  if (errors.length > 0) throw invalid(question.resource, '', errors);
  const { allowed, reason } = authorizer.decide(subject, attributesOf(question.spec));
  return { allowed, ...(reason === '' ? {} : { reason }) };
}

function accessErrors({ resource, spec, namespace }: Question): FieldError[] {
  const errors: FieldError[] = [];
  const attributes = optionalObjectAt(spec, 'resourceAttributes');
  const path = optionalObjectAt(spec, 'nonResourceAttributes');
  if (attributes && path) {
    errors.push(
      invalidField('spec.nonResourceAttributes', path, 'cannot be specified in combination with resourceAttributes'),
    );
  }
  if (!attributes && !path) {
    const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified';
    errors.push(invalidField('spec.resourceAttributes', null, detail));
  }
  const isSelf = resource.kind === 'SelfSubjectAccessReview';
  if (!isSelf && stringAt(spec, 'user') === '' && stringsAt(spec, 'groups').length === 0) {
    errors.push(invalidField('spec.user', '', 'at least one of user or group must be specified'));
  }
  if (namespace === undefined) return errors;
  const asked = stringAt(attributes ?? {}, 'namespace');
  if (attributes && asked !== namespace) {
    errors.push(invalidField('spec.resourceAttributes.namespace', asked, 'must match metadata.namespace'));
  }
  if (path) errors.push(forbidden('spec.nonResourceAttributes', 'disallowed on this kind of request'));
  return errors;
}

function attributesOf(spec: JsonObject): Attributes {
  const path = optionalObjectAt(spec, 'nonResourceAttributes');
  if (path) return { type: 'path', verb: stringAt(path, 'verb'), path: stringAt(path, 'path') };
  const attributes = objectAt(spec, 'resourceAttributes');
  const [namespace, subresource, name] = ['namespace', 'subresource', 'name'].map((key) => stringAt(attributes, key));
  return {
    type: 'resource',
    verb: stringAt(attributes, 'verb'),
    group: stringAt(attributes, 'group'),
    resource: stringAt(attributes, 'resource'),
    ...(subresource ? { subresource } : {}),
    ...(namespace ? { namespace } : {}),
    ...(name ? { name } : {}),
  };
}

/** Whom a review is about. Its groups are all that it has: not even `system:authenticated` is added. */
function subjectOf(spec: JsonObject): UserInfo {
  return { username: stringAt(spec, 'user'), groups: stringsAt(spec, 'groups') };
}

function reviewRules(spec: JsonObject, user: UserInfo, authorizer: Authorizer): JsonObject {
  const namespace = stringAt(spec, 'namespace');
  if (namespace === '') throw badRequest('no namespace on request');
  const rules = authorizer.rulesOf(user, namespace);
  return {
    resourceRules: rules.filter(({ resources }) => resources.length > 0).map(resourceRule),
    nonResourceRules: rules
      .filter(({ nonResourceURLs }) => nonResourceURLs.length > 0)
      .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
    incomplete: false,
  };
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: PolicyRule): JsonObject {
  return { verbs, apiGroups, resources, ...(resourceNames.length === 0 ? {} : { resourceNames }) };
}

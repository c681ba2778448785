import { isJsonObject, type JsonObject } from '../object.js';
import type { ResourceRoute } from './route.js';
import type { Attributes, Authorizer } from './authorization.js';
import type { TokenAuthenticator } from './authentication.js';
import type { UserInfo } from '../resources/write-context.js';

interface ReviewContext {
  readonly user: UserInfo;
  readonly authorizer: Authorizer;
  readonly authenticator: TokenAuthenticator;
}

/** The answer to a POST of a review, which is computed and not stored; undefined for what is none. */
export function answerReview(route: ResourceRoute, body: JsonObject, context: ReviewContext): JsonObject | undefined {
  const status = statusOf(route, body, context);
  if (!status) return undefined;
  const spec = isJsonObject(body['spec']) ? { spec: body['spec'] } : {};
  return {
    kind: body['kind'],
    apiVersion: body['apiVersion'],
    metadata: isJsonObject(body['metadata']) ? body['metadata'] : {},
    ...spec,
    status,
  };
}

function statusOf(
  { group, plural, namespace }: ResourceRoute,
  body: JsonObject,
  context: ReviewContext,
): JsonObject | undefined {
  const { user, authorizer, authenticator } = context;
  const spec = isJsonObject(body['spec']) ? body['spec'] : {};
  switch (`${group}/${plural}`) {
    case 'authentication.k8s.io/selfsubjectreviews':
      return { userInfo: { ...user } };
    case 'authentication.k8s.io/tokenreviews': {
      const found = typeof spec['token'] === 'string' ? authenticator.userOf(spec['token']) : undefined;
      return found ? { authenticated: true, user: { ...found } } : { error: 'invalid bearer token' };
    }
    case 'authorization.k8s.io/selfsubjectaccessreviews':
      return { allowed: authorizer.allows(user, attributesOf(spec)) };
    case 'authorization.k8s.io/subjectaccessreviews':
    case 'authorization.k8s.io/localsubjectaccessreviews':
      return { allowed: authorizer.allows(subjectOf(spec), attributesOf(spec, namespace)) };
    case 'authorization.k8s.io/selfsubjectrulesreviews':
      return {
        resourceRules: [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }],
        nonResourceRules: [{ verbs: ['*'], nonResourceURLs: ['*'] }],
        incomplete: false,
      };
    default:
      return undefined;
  }
}

function attributesOf(spec: JsonObject, defaultNamespace?: string): Attributes {
  const { resourceAttributes: resource, nonResourceAttributes: path } = spec;
  if (isJsonObject(path)) return { type: 'path', verb: textOf(path['verb']), path: textOf(path['path']) };
  const fields = isJsonObject(resource) ? resource : {};
  const namespace = textOf(fields['namespace']) || (defaultNamespace ?? '');
  const subresource = textOf(fields['subresource']);
  const name = textOf(fields['name']);
  return {
    type: 'resource',
    verb: textOf(fields['verb']),
    group: textOf(fields['group']),
    plural: textOf(fields['resource']),
    ...(subresource === '' ? {} : { subresource }),
    ...(namespace === '' ? {} : { namespace }),
    ...(name === '' ? {} : { name }),
  };
}

/** Whoever a review names counts as authenticated. */
function subjectOf(spec: JsonObject): UserInfo {
  const groups = Array.isArray(spec['groups']) ? spec['groups'].map(String) : [];
  return { username: textOf(spec['user']), groups: [...groups, 'system:authenticated'] };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

import type { ResourceAttributes } from '../authorization/attributes.js';
import { requiredName } from '../resources/field-selector.js';
import { parseFlag } from './query-options.js';
import type { ResourceRoute } from './route.js';

/** The verb of a request as RBAC names it. */
export function verbOf(method: string, route: ResourceRoute, query: URLSearchParams): string {
  const { name, watch } = route;
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return name === undefined ? 'deletecollection' : 'delete';
    default:
      if (watch) return 'watch';
      if (name !== undefined) return 'get';
      return parseFlag(query, 'watch') === true ? 'watch' : 'list';
  }
}

/** What a request for a resource needs to be allowed, whether that exists or not. */
export function attributesOf(route: ResourceRoute, verb: string, query: URLSearchParams): ResourceAttributes {
  const { group, plural: resource, subresource } = route;
  // A Namespace is in itself, so that a Role in it may grant rights to it.
  const namespace = resource === 'namespaces' ? route.name : route.namespace;
  // A list that selects one name is a request for that object; a collection is deleted as a whole or not at all.
  const selected = verb === 'list' || verb === 'watch' ? requiredName(query.get('fieldSelector') ?? '') : undefined;
  const name = route.name ?? selected;
  return {
    type: 'resource',
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource: subresource.split('/')[0] ?? subresource }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(name === undefined ? {} : { name }),
  };
}

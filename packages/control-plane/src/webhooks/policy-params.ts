import { optionalObjectAt, stringAt } from '../access.js';
import { matchesSelector } from '../builtins/label-selector.js';
import type { JsonObject } from '../object.js';
import { parseApiVersion, storeKey } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';
import { serveConverted } from '../resources/served-object.js';
import type { StoredObject } from '../storage/table.js';
import type { WebhookEnvironment } from './environment.js';
import type { Policy } from './policy.js';

/** A policy or one of its bindings asks for params that it cannot have. */
export class ParamError extends Error {
  override readonly name = 'ParamError';
}

/** The resource of a policy's params; undefined for a policy without. @throws {@link ParamError} when it is not served. */
export function paramResource({ paramKind }: Policy, { registry }: WebhookEnvironment): Resource | undefined {
  if (!paramKind) return undefined;
  const { group, version } = parseApiVersion(paramKind.apiVersion);
  const resource = registry.ofKind(group, version, paramKind.kind);
  if (resource) return resource;
  throw new ParamError(
    `failed to find resource referenced by paramKind: '${paramKind.apiVersion}, Kind=${paramKind.kind}'`,
  );
}

/**
 * The objects that a binding names as its policy's params. The policy is evaluated once for each; `undefined` stands for
 * evaluating it without.
 *
 * @param namespace - Of the request.
 * @throws {@link ParamError}
 */
export async function paramsOf(
  resource: Resource | undefined,
  paramRef: JsonObject | undefined,
  namespace: string | undefined,
  { store }: WebhookEnvironment,
): Promise<readonly (StoredObject | undefined)[]> {
  if (!resource || !paramRef) return [undefined];
  const from = paramNamespace(resource, stringAt(paramRef, 'namespace'), namespace);
  const table = store.table(storeKey(resource));
  const selector = optionalObjectAt(paramRef, 'selector');
  const named = table.get(from, stringAt(paramRef, 'name'));
  const found = selector
    ? table.list(from).filter(({ metadata }) => matchesSelector(selector, metadata.labels))
    : named
      ? [named]
      : [];
  if (found.length === 0 && stringAt(paramRef, 'parameterNotFoundAction') !== 'Allow') {
    throw new ParamError('no params found for policy binding with `Deny` parameterNotFoundAction');
  }
  return Promise.all(found.map((object) => serveConverted(resource, object)));
}

function paramNamespace(resource: Resource, named: string, ofRequest: string | undefined): string | undefined {
  if (!resource.namespaced) {
    if (named !== '') throw new ParamError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`');
    return undefined;
  }
  const namespace = named === '' ? ofRequest : named;
  if (namespace !== undefined) return namespace;
  throw new ParamError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources');
}

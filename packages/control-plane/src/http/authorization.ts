import { forbidden } from '../resources/errors.js';
import type { UserInfo } from '../resources/write-context.js';
import { StatusError } from '../status-error.js';

/** What somebody wants to do. */
export type Attributes =
  | {
      readonly type: 'resource';
      readonly verb: string;
      readonly group: string;
      readonly plural: string;
      readonly subresource?: string;
      readonly namespace?: string;
      readonly name?: string;
    }
  | { readonly type: 'path'; readonly verb: string; readonly path: string };

/** Decides who may do what. */
export interface Authorizer {
  allows(user: UserInfo, attributes: Attributes): boolean;
}

const PUBLIC_PATHS = /^\/(?:healthz|livez|readyz|version)(?:\/|$)/;

/** Whoever has proved to be somebody may do everything, others may ask whether the server is well. */
export class AuthenticatedUsers implements Authorizer {
  allows({ groups }: UserInfo, attributes: Attributes): boolean {
    if (groups.includes('system:authenticated')) return true;
    return attributes.type === 'path' && attributes.verb === 'get' && PUBLIC_PATHS.test(attributes.path);
  }
}

/** @throws {@link StatusError} 403 */
export function authorize(authorizer: Authorizer, user: UserInfo, attributes: Attributes): void {
  if (authorizer.allows(user, attributes)) return;
  const { username } = user;
  if (attributes.type === 'path') {
    throw new StatusError(
      403,
      'Forbidden',
      `forbidden: User "${username}" cannot ${attributes.verb} path "${attributes.path}"`,
      {},
    );
  }
  const { verb, group, plural, subresource, namespace, name } = attributes;
  const resource = subresource === undefined ? plural : `${plural}/${subresource}`;
  const where = namespace === undefined ? 'at the cluster scope' : `in the namespace "${namespace}"`;
  throw forbidden(
    { group, plural },
    name,
    `User "${username}" cannot ${verb} resource "${resource}" in API group "${group}" ${where}`,
  );
}

import { formatName } from './object.js';
import type { ResourceType } from './resource-type.js';

/** What is done to the API server, in the verbs of RBAC. */
export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';

/** A request as people speak of it; errors and observers name requests this way. */
export interface Operation {
  readonly verb: Verb;
  readonly resource: ResourceType;
  readonly subresource?: string | undefined;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** Of a list or watch that is not about everything. */
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
}

/** `patch Deployment/status default/web`, `list ConfigMap in default`, `watch Node`. */
export function describeOperation({ verb, resource, subresource, namespace, name }: Operation): string {
  const kind = subresource === undefined ? resource.kind : `${resource.kind}/${subresource}`;
  if (name !== undefined) {
    return `${verb} ${kind} ${formatName(namespace === undefined ? { name } : { namespace, name })}`;
  }
  return namespace === undefined ? `${verb} ${kind}` : `${verb} ${kind} in ${namespace}`;
}

/** Whether the server changes nothing while answering, so that asking twice does no harm. */
export function isRead(verb: Verb): boolean {
  return verb === 'get' || verb === 'list' || verb === 'watch';
}

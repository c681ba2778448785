import { isJsonObject } from '../object.js';
import { badRequest } from '../resources/errors.js';
import type { StoredObject } from '../storage/table.js';
import type { Reply } from './reply.js';

/** Nothing runs in these pods: a container that is there has an empty log. */
export function podLog(pod: StoredObject, query: URLSearchParams): Reply {
  const { spec } = pod;
  const containers: readonly unknown[] =
    isJsonObject(spec) && Array.isArray(spec['containers']) ? spec['containers'] : [];
  const wanted = query.get('container');
  const isKnown = containers.some((container) => isJsonObject(container) && container['name'] === wanted);
  if (wanted !== null && wanted !== '' && !isKnown) {
    throw badRequest(`container ${wanted} is not valid for pod ${pod.metadata.name ?? ''}`);
  }
  return { status: 200, contentType: 'text/plain', body: '' };
}

import { objectsAt, specOf, stringAt } from '../access.js';
import { badRequest } from '../resources/errors.js';
import type { StoredObject } from '../storage/table.js';

/**
 * The container that a request is about. Of a pod that has but one it need not be told.
 *
 * @throws StatusError 400 for one that there is not, or when it is not clear which.
 */
export function containerOf(pod: StoredObject, asked: string): string {
  const { name: podName = '' } = pod.metadata;
  const names = (field: string): string[] =>
    objectsAt(specOf(pod), field).map((container) => stringAt(container, 'name'));
  const [regular, initial] = [names('containers'), names('initContainers')];
  if (asked === '') {
    const [only = ''] = regular;
    if (regular.length === 1) return only;
    const others = initial.length === 0 ? '' : ` or one of the init containers: [${initial.join(' ')}]`;
    throw badRequest(
      `a container name must be specified for pod ${podName}, choose one of: [${regular.join(' ')}]${others}`,
    );
  }
  if (![...regular, ...initial, ...names('ephemeralContainers')].includes(asked)) {
    throw badRequest(`container ${asked} is not valid for pod ${podName}`);
  }
  return asked;
}

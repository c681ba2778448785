import { objectsAt, statusOf, stringAt } from '../../access.js';
import type { KubeObject } from '../../object.js';

/** How a Job ended; undefined while it has not. */
export function jobOutcome(job: Readonly<KubeObject>): 'Complete' | 'Failed' | undefined {
  const isTrue = (type: string): boolean =>
    objectsAt(statusOf(job), 'conditions').some(
      (condition) => stringAt(condition, 'type') === type && condition['status'] === 'True',
    );
  return isTrue('Complete') ? 'Complete' : isTrue('Failed') ? 'Failed' : undefined;
}

import { objectAt, objectsAt, optionalNumberAt, optionalStringAt, specOf } from '../../access.js';
import type { KubeObject } from '../../object.js';
import { parseIndexes } from './completion-indexes.js';

/**
 * The position of the first rule of an indexed Job's `successPolicy` that is met: all of its indexes have succeeded, or
 * as many of them as it says.
 *
 * @see {@link https://kubernetes.io/docs/concepts/workloads/controllers/job/#success-policy | Success policy}
 */
export function metSuccessRule(job: Readonly<KubeObject>, succeeded: ReadonlySet<number>): number | undefined {
  if (succeeded.size === 0) return undefined;
  const rules = objectsAt(objectAt(specOf(job), 'successPolicy'), 'rules');
  const position = rules.findIndex((rule) => {
    const text = optionalStringAt(rule, 'succeededIndexes');
    const count = optionalNumberAt(rule, 'succeededCount');
    if (text === undefined) return succeeded.size >= (count ?? Infinity);
    const wanted = [...parseIndexes(text)];
    return wanted.length > 0 && wanted.filter((index) => succeeded.has(index)).length >= (count ?? wanted.length);
  });
  return position < 0 ? undefined : position;
}

import {
  numberAt,
  objectAt,
  objectsAt,
  optionalObjectAt,
  optionalStringAt,
  specOf,
  statusOf,
  stringAt,
} from '../../access.js';
import type { JsonObject, KubeObject } from '../../object.js';

type Pod = Readonly<KubeObject>;

/** The rule of a Job's `podFailurePolicy` that a failed pod meets. */
export interface FailureRule {
  /** `FailJob`, `FailIndex`, `Ignore` or `Count`. */
  readonly action: string;
  /** What the Job says when it fails by it. */
  readonly message: string;
}

/**
 * Finds the first rule that a failed pod meets; without one, its failure counts.
 *
 * @see {@link https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-failure-policy | Pod failure policy}
 */
export function failureRule(job: Readonly<KubeObject>, pod: Pod): FailureRule | undefined {
  const { namespace = '', name = '' } = pod.metadata;
  for (const [index, rule] of objectsAt(objectAt(specOf(job), 'podFailurePolicy'), 'rules').entries()) {
    const action = stringAt(rule, 'action');
    const found = `${action} rule at index ${index}`;
    const codes = optionalObjectAt(rule, 'onExitCodes');
    const container = codes && exitedContainer(pod, codes);
    if (container !== undefined) {
      const exit = `failed with exit code ${container.exitCode} matching ${found}`;
      return { action, message: `Container ${container.name} for pod ${namespace}/${name} ${exit}` };
    }
    const condition = codes ? undefined : matchingCondition(pod, objectsAt(rule, 'onPodConditions'));
    if (condition !== undefined) {
      return { action, message: `Pod ${namespace}/${name} has condition ${condition} matching ${found}` };
    }
  }
  return undefined;
}

/** Whether the failure of a pod counts, towards the limits of its Job and in its status. */
export function countsAsFailure(job: Readonly<KubeObject>, pod: Pod): boolean {
  return failureRule(job, pod)?.action !== 'Ignore';
}

function exitedContainer(pod: Pod, requirement: JsonObject): { name: string; exitCode: number } | undefined {
  const only = optionalStringAt(requirement, 'containerName');
  const { values } = requirement;
  const isListed = (code: number): boolean => Array.isArray(values) && values.includes(code);
  const isWanted = (code: number): boolean => isListed(code) === (requirement['operator'] === 'In');
  for (const field of ['containerStatuses', 'initContainerStatuses']) {
    for (const status of objectsAt(statusOf(pod), field)) {
      const terminated = optionalObjectAt(objectAt(status, 'state'), 'terminated');
      const name = stringAt(status, 'name');
      if (terminated === undefined || (only !== undefined && only !== name)) continue;
      const exitCode = numberAt(terminated, 'exitCode');
      if (exitCode !== 0 && isWanted(exitCode)) return { name, exitCode };
    }
  }
  return undefined;
}

/** The type of the first condition that one of the patterns describes. */
function matchingCondition(pod: Pod, patterns: readonly JsonObject[]): string | undefined {
  const condition = objectsAt(statusOf(pod), 'conditions').find(({ type, status }) =>
    patterns.some((pattern) => pattern['type'] === type && pattern['status'] === status),
  );
  return condition && stringAt(condition, 'type');
}

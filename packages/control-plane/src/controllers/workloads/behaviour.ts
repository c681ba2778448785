/**
 * How the pods of a workload fare.
 *
 * - `ready`: running and ready.
 * - `none`: there are no pods; a pod that belongs to no workload stays unscheduled.
 * - `notready`: running, but never ready.
 * - `crash`: its containers crash as often as they are started (`CrashLoopBackOff`).
 * - `failed`: its containers fail and are not started again; a Deployment gives up its rollout.
 */
export type Behaviour = 'ready' | 'none' | 'notready' | 'crash' | 'failed';

export interface BehaviourRule {
  /** Absent: in all namespaces. */
  readonly namespace?: string;
  /** Name of a pod, or of the workload it belongs to: the Deployment, StatefulSet, DaemonSet, ReplicaSet or Job. Absent: all. */
  readonly name?: string;
  readonly behaviour: Behaviour;
  /** What containers that crash or fail exit with. Default 1. */
  readonly exitCode?: number;
}

/** The rules given so far. Of those that apply to a pod, the last one counts. */
export class Behaviours {
  #rules: readonly BehaviourRule[] = [];

  add(rule: BehaviourRule): void {
    const others = this.#rules.filter(({ namespace, name }) => namespace !== rule.namespace || name !== rule.name);
    this.#rules = [...others, rule];
  }

  /** @param names - What the pods are known by: their own name and those of their owners. */
  of(namespace: string, names: readonly string[]): Pick<BehaviourRule, 'behaviour' | 'exitCode'> {
    const rule = this.#rules.findLast(
      (candidate) =>
        (candidate.namespace === undefined || candidate.namespace === namespace) &&
        (candidate.name === undefined || names.includes(candidate.name)),
    );
    return rule ?? { behaviour: 'ready' };
  }
}

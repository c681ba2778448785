/** How far from its target a metric may be without consequence, as shares of it. */
export interface Tolerance {
  readonly up: number;
  readonly down: number;
}

/** The pods that a metric of pods is about, by name. Values are in thousandths. */
export interface PodSamples {
  /** Of pods that count. */
  readonly values: ReadonlyMap<string, number>;
  /** Pods that count and have no value. */
  readonly missing: readonly string[];
  /** Pods that are not there yet: what they use says nothing. */
  readonly unready: readonly string[];
}

export interface CalculationInput {
  readonly currentReplicas: number;
  readonly samples: PodSamples;
  readonly tolerance: Tolerance;
  /** What the values come to in proportion to the target: 1 is just right. */
  ratio(values: ReadonlyMap<string, number>): number;
  /** What a pod without a value is taken to use where the others use little. */
  highValue(pod: string): number;
}

/**
 * How many pods it takes for a metric of pods to be at its target.
 *
 * Pods without a value are taken to use what keeps the change small; those that are not ready, nothing where more are to be
 * made. A change in a direction that these turn around is no change.
 *
 * @see {@link https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#algorithm-details | Algorithm details}
 */
export function replicasForPods(input: CalculationInput): number {
  const { currentReplicas, samples, tolerance, ratio, highValue } = input;
  const { values, missing, unready } = samples;
  const measured = ratio(values);
  const isRebalanced = unready.length > 0 && measured > 1;
  if (!isRebalanced && missing.length === 0) {
    return isWithin(measured, tolerance) ? currentReplicas : roundUp(measured * values.size);
  }
  const assumed = new Map(values);
  for (const pod of missing) {
    if (measured < 1) assumed.set(pod, highValue(pod));
    else if (measured > 1) assumed.set(pod, 0);
  }
  if (isRebalanced) for (const pod of unready) assumed.set(pod, 0);
  const likely = ratio(assumed);
  const isTurned = (measured < 1 && likely > 1) || (measured > 1 && likely < 1);
  if (isTurned || isWithin(likely, tolerance)) return currentReplicas;
  const replicas = roundUp(likely * assumed.size);
  const isOpposite = (likely < 1 && replicas > currentReplicas) || (likely > 1 && replicas < currentReplicas);
  return isOpposite ? currentReplicas : replicas;
}

/** How many pods it takes for one value that all of them share to be at its target. */
export function replicasForValue(
  ratio: number,
  { currentReplicas, readyPods, tolerance }: { currentReplicas: number; readyPods: number; tolerance: Tolerance },
): number {
  if (currentReplicas === 0) return roundUp(ratio);
  return isWithin(ratio, tolerance) ? currentReplicas : roundUp(ratio * readyPods);
}

export function isWithin(ratio: number, { up, down }: Tolerance): boolean {
  return ratio >= 1 - down && ratio <= 1 + up;
}

/** To a whole number of pods; what is whole but for the last bits is whole. */
export function roundUp(replicas: number): number {
  return Math.ceil(Number(replicas.toPrecision(12)));
}

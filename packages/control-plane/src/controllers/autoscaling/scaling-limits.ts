import { numberAt, objectAt, objectsAt, optionalNumberAt, optionalObjectAt, stringAt } from '../../access.js';
import type { JsonObject } from '../../object.js';

/** A number of replicas, and what a condition says of how it came about. */
export interface LimitedReplicas {
  readonly replicas: number;
  readonly reason: string;
  readonly message: string;
}

export interface ScalingRange {
  readonly current: number;
  readonly min: number;
  readonly max: number;
}

interface Recommendation {
  readonly replicas: number;
  readonly timeMs: number;
}

interface ScaleChange {
  readonly count: number;
  readonly timeMs: number;
}

const DEFAULT_WINDOW_SECONDS = 300;
/** Where no behaviour is given, replicas at most double, or grow to this. */
const FREE_REPLICAS = 4;
const LONGEST_PERIOD_MS = 3_600_000;

const UP_STABILIZED = {
  reason: 'ScaleUpStabilized',
  message: 'recent recommendations were lower than current one, applying the lowest recent recommendation',
};
const DOWN_STABILIZED = {
  reason: 'ScaleDownStabilized',
  message: 'recent recommendations were higher than current one, applying the highest recent recommendation',
};
const READY = { reason: 'ReadyForNewScale', message: 'recommended size matches current size' };
const IN_RANGE = {
  reason: 'DesiredWithinRange',
  message: 'the desired count is within the acceptable range',
};
const TOO_FAST_UP = {
  reason: 'ScaleUpLimit',
  message: 'the desired replica count is increasing faster than the maximum scale rate',
};
const TOO_FAST_DOWN = {
  reason: 'ScaleDownLimit',
  message: 'the desired replica count is decreasing faster than the maximum scale rate',
};
const TOO_MANY = {
  reason: 'TooManyReplicas',
  message: 'the desired replica count is more than the maximum replica count',
};
const TOO_FEW = {
  reason: 'TooFewReplicas',
  message: 'the desired replica count is less than the minimum replica count',
};

/** What has been recommended and done for one autoscaler of late: its sizes do not follow every change at once. */
export class ScalingMemory {
  #recommendations: readonly Recommendation[] = [];
  #ups: readonly ScaleChange[] = [];
  #downs: readonly ScaleChange[] = [];

  /** @param replicas - Before the first recommendation. */
  begin(replicas: number, timeMs: number): void {
    if (this.#recommendations.length === 0) this.#recommendations = [{ replicas, timeMs }];
  }

  noteChange(before: number, after: number, timeMs: number): void {
    const isRecent = (change: ScaleChange): boolean => change.timeMs > timeMs - LONGEST_PERIOD_MS;
    const change = { count: Math.abs(after - before), timeMs };
    if (after > before) this.#ups = [...this.#ups.filter(isRecent), change];
    else this.#downs = [...this.#downs.filter(isRecent), change];
  }

  /** Holds a recommendation against those of the time before: the least of them to grow by, the most to shrink by. */
  stabilize(replicas: number, current: number, behavior: JsonObject | undefined, nowMs: number): LimitedReplicas {
    const upSeconds = numberAt(objectAt(behavior ?? {}, 'scaleUp'), 'stabilizationWindowSeconds');
    const downSeconds =
      optionalNumberAt(objectAt(behavior ?? {}, 'scaleDown'), 'stabilizationWindowSeconds') ?? DEFAULT_WINDOW_SECONDS;
    const isUp = behavior !== undefined && replicas >= current;
    const windowMs = (isUp ? upSeconds : downSeconds) * 1000;
    const recent = this.#recommendations
      .filter(({ timeMs }) => timeMs > nowMs - windowMs)
      .map((recommendation) => recommendation.replicas);
    const longestMs = Math.max(upSeconds, downSeconds) * 1000;
    const kept = this.#recommendations.filter(({ timeMs }) => timeMs > nowMs - longestMs);
    this.#recommendations = [...kept, { replicas, timeMs: nowMs }];
    const stable = isUp ? Math.min(replicas, ...recent) : Math.max(replicas, ...recent);
    return { replicas: stable, ...(stable === replicas ? READY : isUp ? UP_STABILIZED : DOWN_STABILIZED) };
  }

  /** Keeps replicas within what is allowed altogether and at a time. */
  limit(replicas: number, range: ScalingRange, behavior: JsonObject | undefined, nowMs: number): LimitedReplicas {
    const { current, min, max } = range;
    if (behavior === undefined) {
      const most = Math.max(2 * current, FREE_REPLICAS);
      if (replicas < min) return { replicas: min, ...TOO_FEW };
      if (replicas > Math.min(most, max)) {
        return { replicas: Math.min(most, max), ...(max > most ? TOO_FAST_UP : TOO_MANY) };
      }
      return { replicas, ...IN_RANGE };
    }
    if (replicas > current) {
      const most = Math.max(upLimit(current, this.#ups, objectAt(behavior, 'scaleUp'), nowMs), current);
      if (replicas > Math.min(most, max)) {
        return { replicas: Math.min(most, max), ...(max > most ? TOO_FAST_UP : TOO_MANY) };
      }
    } else if (replicas < current) {
      const least = Math.min(downLimit(current, this.#downs, objectAt(behavior, 'scaleDown'), nowMs), current);
      if (replicas < Math.max(least, min)) {
        return { replicas: Math.max(least, min), ...(min < least ? TOO_FAST_DOWN : TOO_FEW) };
      }
    }
    return { replicas, ...IN_RANGE };
  }
}

/** The most replicas that the policies allow, from what there were when their periods began. */
function upLimit(current: number, changes: readonly ScaleChange[], rules: JsonObject, nowMs: number): number {
  return limitBy(rules, current, Math.max, Math.min, (policy) => {
    const start = current - changedWithin(policy, changes, nowMs);
    const value = numberAt(policy, 'value');
    return stringAt(policy, 'type') === 'Pods' ? start + value : Math.ceil(start * (1 + value / 100));
  });
}

function downLimit(current: number, changes: readonly ScaleChange[], rules: JsonObject, nowMs: number): number {
  return limitBy(rules, current, Math.min, Math.max, (policy) => {
    const start = current + changedWithin(policy, changes, nowMs);
    const value = numberAt(policy, 'value');
    return stringAt(policy, 'type') === 'Pods' ? start - value : Math.floor(start * (1 - value / 100));
  });
}

/** Of several policies the one with the largest change decides, or with the smallest if so wished. */
function limitBy(
  rules: JsonObject,
  current: number,
  largest: (...limits: number[]) => number,
  smallest: (...limits: number[]) => number,
  limitOf: (policy: JsonObject) => number,
): number {
  const select = stringAt(rules, 'selectPolicy');
  const limits = objectsAt(rules, 'policies').map(limitOf);
  if (select === 'Disabled' || limits.length === 0) return current;
  return select === 'Min' ? smallest(...limits) : largest(...limits);
}

function changedWithin(policy: JsonObject, changes: readonly ScaleChange[], nowMs: number): number {
  const sinceMs = nowMs - numberAt(policy, 'periodSeconds') * 1000;
  return changes.filter(({ timeMs }) => timeMs > sinceMs).reduce((sum, { count }) => sum + count, 0);
}

export function behaviorOf(spec: JsonObject): JsonObject | undefined {
  return optionalObjectAt(spec, 'behavior');
}

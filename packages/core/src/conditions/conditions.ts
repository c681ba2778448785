import type { Condition } from './condition.js';
import type { Verdict } from './verdict.js';

/** @see {@link https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/apis/meta/v1/types.go | metav1.Condition}, maxLength of message */
const MAX_MESSAGE_LENGTH = 32_768;

/**
 * The conditions that verdicts make, given those of the status before. A condition whose status stays keeps its
 * lastTransitionTime; a verdict of `unchanged` keeps the condition whole; `absent` leaves it out.
 */
export function conditionsFrom(
  verdicts: ReadonlyMap<string, Verdict>,
  before: readonly Condition[],
  observed: { readonly generation: number | undefined; readonly now: Date },
): Condition[] {
  const previously = new Map(before.map((condition) => [condition.type, condition]));
  return [...verdicts].flatMap(([type, verdict]) => {
    const previous = previously.get(type);
    if (verdict.kind === 'absent') return [];
    if (verdict.kind === 'unchanged') return previous === undefined ? [] : [previous];
    return [
      {
        type,
        status: verdict.status,
        ...(observed.generation === undefined ? {} : { observedGeneration: observed.generation }),
        lastTransitionTime:
          previous?.status === verdict.status ? previous.lastTransitionTime : conditionTime(observed.now),
        reason: verdict.reason,
        message: verdict.message.slice(0, MAX_MESSAGE_LENGTH),
      },
    ];
  });
}

/** Whole seconds, as metav1.Time stores it. */
function conditionTime(now: Date): string {
  return now.toISOString().replace(/\.\d{3}Z$/, 'Z');
}

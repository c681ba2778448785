/** What a check says about an object, before it becomes a condition in the status. */
export type Verdict =
  /** The condition has this status. */
  | {
      readonly kind: 'stated';
      readonly status: 'True' | 'False' | 'Unknown';
      readonly reason: string;
      readonly message: string;
    }
  /** The question does not arise: there is no such condition, and one that is there goes. */
  | { readonly kind: 'absent' }
  /** Nothing new is known: what the status says stays, or stays absent. */
  | { readonly kind: 'unchanged' };

/** A verdict that states something. */
export type StatedVerdict = Extract<Verdict, { kind: 'stated' }>;

/**
 * Makes verdicts: `verdict.false('NotFound', 'Secret "tls" does not exist; create it')`.
 *
 * Reasons are CamelCase words for programs, messages sentences for people: say what is wrong and what to do.
 * @see {@link https://github.com/kubernetes/community/blob/master/contributors/devel/sig-architecture/api-conventions.md#typical-status-properties | Conditions in the API conventions}
 */
export const verdict = {
  true: (reason: string, message = ''): StatedVerdict => ({ kind: 'stated', status: 'True', reason, message }),
  false: (reason: string, message: string): StatedVerdict => ({ kind: 'stated', status: 'False', reason, message }),
  unknown: (reason: string, message: string): StatedVerdict => ({ kind: 'stated', status: 'Unknown', reason, message }),
  absent: { kind: 'absent' } as Verdict,
  unchanged: { kind: 'unchanged' } as Verdict,
} as const;

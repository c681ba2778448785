/** Codes of every error `@trueup/core` throws. A message may be reworded; a code stays. */
export type CoreErrorCode =
  | 'ERR_ASSEMBLY_INVALID'
  | 'ERR_CHILD_NOT_OWNED'
  | 'ERR_CHILD_OUT_OF_SCOPE'
  | 'ERR_DECORATOR_INVALID'
  | 'ERR_FIELD_CONFLICT'
  | 'ERR_KIND_INVALID'
  | 'ERR_LEADERSHIP_LOST'
  | 'ERR_NOT_DECLARED'
  | 'ERR_OPTION_OUT_OF_RANGE'
  | 'ERR_OWNED_BY_OTHER'
  | 'ERR_PRUNE_REFUSED'
  | 'ERR_RECONCILE_TIMEOUT'
  | 'ERR_SCHEMA_INVALID'
  | 'ERR_SETTLE_TIMEOUT'
  | 'ERR_SPEC_INVALID';

/** Base of every error this package throws. Packages may be installed twice, so match on `code`, not on the class. */
export abstract class CoreError extends Error {
  abstract readonly code: CoreErrorCode;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Thrown while a class is being defined, when a decorator cannot mean anything on it. */
export class DecoratorError extends CoreError {
  override readonly code = 'ERR_DECORATOR_INVALID';

  constructor(decorator: string, target: { readonly name: string }, problem: string) {
    super(`@${decorator} on ${target.name}: ${problem}`);
  }
}

/** Thrown by `Operator.create` when the modules do not fit together. Names every problem found, not only the first. */
export class AssemblyError extends CoreError {
  override readonly code = 'ERR_ASSEMBLY_INVALID';

  constructor(readonly problems: readonly string[]) {
    super(
      problems.length === 1
        ? `The operator cannot be assembled: ${problems[0]}`
        : `The operator cannot be assembled:\n- ${problems.join('\n- ')}`,
    );
  }
}

/** Thrown when a number or duration given to this package cannot be used. */
export class OptionError extends CoreError {
  override readonly code = 'ERR_OPTION_OUT_OF_RANGE';
}

/** Thrown when a reconciler asks for a kind or reference that its class did not declare. */
export class NotDeclaredError extends CoreError {
  override readonly code = 'ERR_NOT_DECLARED';
}

/**
 * Thrown by a reconciler when the object's own spec can never work: the user must act, so there is no retry. Nothing is
 * applied in that pass, what runs keeps running, and the message is what the status says.
 */
export class SpecError extends CoreError {
  override readonly code = 'ERR_SPEC_INVALID';
  /** The condition that shows the error, and its reason; absent: only the conditions that summarise the pass do. */
  readonly condition: { readonly type: string; readonly reason: string } | undefined;
  /** What the condition says, where that is less than the whole message. */
  readonly conditionMessage: string;

  constructor(
    message: string,
    options: { condition?: { type: string; reason: string }; conditionMessage?: string; cause?: unknown } = {},
  ) {
    super(message, options);
    this.condition = options.condition;
    this.conditionMessage = options.conditionMessage ?? message;
  }
}

/** A child's name is taken by an object that another controller owns; nothing was overwritten. */
export class OwnedByOtherError extends CoreError {
  override readonly code = 'ERR_OWNED_BY_OTHER';
}

/** A child's name is taken by an object that nobody owns; nothing was overwritten. */
export class ChildNotOwnedError extends CoreError {
  override readonly code = 'ERR_CHILD_NOT_OWNED';
}

/** Fields of a child belong to other field managers; nothing was overwritten. */
export class FieldConflictError extends CoreError {
  override readonly code = 'ERR_FIELD_CONFLICT';
}

/** A child is where its owner cannot own it: in another namespace, or in none. */
export class ChildOutOfScopeError extends CoreError {
  override readonly code = 'ERR_CHILD_OUT_OF_SCOPE';
}

/** More children would be removed at once than a change of one object can plausibly mean; none was. */
export class PruneRefusedError extends CoreError {
  override readonly code = 'ERR_PRUNE_REFUSED';
}

/** A reconcile did not end within its deadline; the reason of its aborted signal. The message says where it hung. */
export class ReconcileTimeoutError extends CoreError {
  override readonly code = 'ERR_RECONCILE_TIMEOUT';
}

/** This replica is not the leader any more. All work has been aborted; the process should exit and come back as a candidate. */
export class LeadershipLostError extends CoreError {
  override readonly code = 'ERR_LEADERSHIP_LOST';

  constructor(lease: string, why: string) {
    super(
      `The lease ${lease} is lost: ${why}. Work has stopped; exit, so that this replica can start over as a candidate.`,
    );
  }
}

/** The operator still had work left when the time given to `settle` was over. */
export class SettleTimeoutError extends CoreError {
  override readonly code = 'ERR_SETTLE_TIMEOUT';
}

/** True for {@link SpecError}, from whichever copy of this package it came. */
export function isSpecError(error: unknown): error is SpecError {
  return hasCode(error, 'ERR_SPEC_INVALID');
}

function hasCode(error: unknown, code: CoreErrorCode): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

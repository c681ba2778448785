import { ChildNotOwnedError, FieldConflictError, OwnedByOtherError } from '../errors.js';

/**
 * The condition of an object that a child, or a field of it, belongs to somebody else. The engine states it, as True, while
 * that is so and at no other time.
 */
export const CHILD_CONFLICT = 'ChildConflict';

/** Reasons of the `ChildConflict` condition. */
export const ChildConflictReason = {
  /** Another field manager set a field of the child to something else. */
  FieldConflict: 'FieldConflict',
  /** An object of the child's name belongs to another controller. */
  OwnedByOther: 'OwnedByOther',
  /** An object of the child's name was there before and belongs to nobody. */
  NotOwned: 'NotOwned',
} as const;

/** The reason to state for an error; undefined when it is no conflict about a child. */
export function childConflictReason(
  error: unknown,
): (typeof ChildConflictReason)[keyof typeof ChildConflictReason] | undefined {
  if (error instanceof FieldConflictError) return ChildConflictReason.FieldConflict;
  if (error instanceof OwnedByOtherError) return ChildConflictReason.OwnedByOther;
  return error instanceof ChildNotOwnedError ? ChildConflictReason.NotOwned : undefined;
}

import type { ProblemChild } from './context.js';

/** Says which child it was that could not be applied; why is its cause. */
export class ChildNotApplied extends Error {
  constructor(
    readonly child: ProblemChild,
    options: { readonly cause: unknown },
  ) {
    super(`${child.kind} ${child.name} could not be applied`, options);
  }
}

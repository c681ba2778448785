import { isSpecError, SpecError } from '@trueup/core';

/** Runs a step and says, should it refuse the spec, which step it was. */
export function within<T>(prefix: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (!isSpecError(error)) throw error;
    throw new SpecError(`${prefix}${error.message}`, {
      ...(error.condition && { condition: error.condition }),
      conditionMessage: error.conditionMessage,
      cause: error,
    });
  }
}

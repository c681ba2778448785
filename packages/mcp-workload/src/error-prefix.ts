import { isSpecError, SpecError } from '@trueup/core';

/** Runs a step and says, should it refuse the spec, which step it was. */
export function within<T>(prefix: string, step: () => T): T {
  try {
    return step();
  } catch (error) {
    throw prefixed(prefix, error);
  }
}

/** The same for a step that takes time. */
export async function withinAsync<T>(prefix: string, step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    throw prefixed(prefix, error);
  }
}

function prefixed(prefix: string, error: unknown): unknown {
  if (!isSpecError(error)) return error;
  return new SpecError(`${prefix}${error.message}`, {
    ...(error.condition && { condition: error.condition }),
    conditionMessage: error.conditionMessage,
    cause: error,
  });
}

import { CelError, CostLimitError, noSuchOverload } from './cel-error.js';
import { UNBOUNDED, type Budget } from './cost.js';
import type { CelType } from './types.js';
import type { Value } from './values.js';

/** The state of one evaluation. */
export interface Frame {
  readonly variables: Value[];
  readonly budget: Budget;
}

/** A checked expression, ready to run. */
export interface Expression {
  readonly type: CelType;
  /** The most that one evaluation can cost. */
  readonly cost: number;
  /** The value, where it is written out. */
  readonly literal?: Value;
  /** The types of the elements, of a list that is written out. */
  readonly elements?: readonly CelType[];
  run(frame: Frame): Value;
}

/** The most elements or bytes that values of a type have. */
export function sizeOfType(type: CelType): number {
  if (type.maxSize !== undefined) {
    return type.maxSize;
  }
  switch (type.kind) {
    case 'string':
    case 'bytes':
    case 'list':
    case 'map':
    case 'dyn':
    case 'parameter':
      return UNBOUNDED;
    default:
      return 1;
  }
}

export function boolOf(value: Value | CelError): boolean {
  if (value instanceof CelError) {
    throw value;
  }
  if (typeof value !== 'boolean') {
    throw noSuchOverload();
  }
  return value;
}

/** Runs an expression whose error may not matter. */
export function attempt(expression: Expression, frame: Frame): Value | CelError {
  try {
    return expression.run(frame);
  } catch (error) {
    if (error instanceof CelError && !(error instanceof CostLimitError)) {
      return error;
    }
    throw error;
  }
}

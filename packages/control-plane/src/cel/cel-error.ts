/** Raised while an expression is evaluated: the message is cel-go's, `no such key: x`. */
export class CelError extends Error {
  override readonly name = 'CelError';
}

/** Raised when an evaluation used up what it may cost. Unlike other errors, `||` and `&&` do not absorb it. */
export class CostLimitError extends CelError {
  constructor() {
    super('operation cancelled: actual cost limit exceeded');
  }
}

/** Raised for an expression that cannot run: its syntax, its types or its names are wrong. */
export class CelCompileError extends Error {
  override readonly name = 'CelCompileError';

  /**
   * @param problem - What is wrong, as cel-go says it.
   * @param expression - The whole expression.
   * @param position - Where in it, in UTF-16 units.
   */
  constructor(problem: string, expression: string, position: number) {
    super(`ERROR: ${printSource(problem, expression, position)}`);
  }
}

/** Raised for an expression with a call whose arguments are all written out and which fails with them. */
export class CelConstantError extends Error {
  override readonly name = 'CelConstantError';
}

function printSource(problem: string, expression: string, position: number): string {
  const before = expression.slice(0, position).split('\n');
  const column = (before.at(-1) ?? '').length;
  const source = expression.split('\n')[before.length - 1] ?? '';
  return `<input>:${before.length}:${column + 1}: ${problem}\n | ${source}\n | ${'.'.repeat(column)}^`;
}

export function noSuchOverload(): CelError {
  return new CelError('no such overload');
}

export function noSuchKey(key: string): CelError {
  return new CelError(`no such key: ${key}`);
}

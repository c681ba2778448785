import { Environment, ParseError, type ASTNode } from '@marcbachmann/cel-js';
import { CelCompileError, CelError } from './cel-error.js';
import { Compiler } from './compiler.js';
import type { Budget } from './cost.js';
import type { Expression } from './expression.js';
import { Scope } from './scope.js';
import type { CelType } from './types.js';
import type { Value } from './values.js';

/** Compiles expressions of the Common Expression Language, with the functions that Kubernetes adds. */
export interface CelEngine {
  /**
   * @param variables - The variables that the expression may use. Their values are given in the same order.
   * @throws {@link CelCompileError} when the expression is not well formed or not well typed.
   */
  compile(expression: string, variables: Readonly<Record<string, CelType>>): CelProgram;
}

/** An expression that can be evaluated any number of times. */
export interface CelProgram {
  readonly type: CelType;
  /** The most that one evaluation can cost, by the bounds in the types of the variables. */
  readonly maxCost: number;
  uses(variable: string): boolean;
  /**
   * @param values - One for each variable of the compilation, in its order.
   * @throws {@link CelError} when the expression has no value: a key is missing, a number too large, the budget spent.
   */
  evaluate(values: readonly Value[], budget: Budget): Value;
}

/** The parser is a library's; names, types, costs and values are ours, since they are Kubernetes' own here. */
const parser = new Environment({ enableOptionalTypes: true });

export const celEngine: CelEngine = {
  compile(expression, variables) {
    const names = Object.keys(variables);
    const scope = new Scope(
      new Map(Object.entries(variables).map(([name, type], slot) => [name, { type, slot }] as const)),
    );
    const compiler = new Compiler(expression, names.length);
    const { type, cost, run } = compileWithin(expression, compiler, scope);
    return {
      type,
      maxCost: cost,
      uses: (variable) => compiler.used.has(variable),
      evaluate: (values, budget) => {
        try {
          return run({ variables: [...values], budget });
        } catch (error) {
          // A text longer than any can be, or a format with more digits than there are.
          throw error instanceof RangeError ? new CelError(error.message) : error;
        }
      },
    };
  },
};

/** An expression like `1+1+…`, which the parser takes at any length, can nest too deeply to be looked through. */
function compileWithin(expression: string, compiler: Compiler, scope: Scope): Expression {
  try {
    return compiler.compile(parse(expression), scope);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CelCompileError('expression recursion limit exceeded: 250', expression, 0);
  }
}

function parse(expression: string): ASTNode {
  try {
    return parser.parse(expression).ast;
  } catch (error) {
    if (error instanceof ParseError) {
      throw new CelCompileError(`Syntax error: ${error.summary}`, expression, error.range?.start ?? 0);
    }
    throw error;
  }
}

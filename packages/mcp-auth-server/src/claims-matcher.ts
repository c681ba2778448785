import { Environment } from '@marcbachmann/cel-js';

/** What a matcher can name: the claims of a token, whatever they hold. */
const LANGUAGE = new Environment({ unlistedVariablesAreDyn: false }).registerVariable('claims', 'map<string, dyn>');

/** Some 8 times what a schema admits; parsing takes time proportional to it. */
const MAX_LENGTH = 32_768;

/**
 * What is wrong with an expression that is to decide over the claims of a token: CEL over one variable, `claims`, a map from
 * string to anything. Its result must be a boolean, or unknown before the token is there. Nothing is evaluated.
 * @see {@link https://github.com/google/cel-spec/blob/master/doc/langdef.md | The CEL language}
 */
export function claimsMatcherProblem(expression: string): string | undefined {
  if (expression.length > MAX_LENGTH) return `expression is longer than ${MAX_LENGTH} characters`;
  const { valid, type, error } = LANGUAGE.check(expression);
  if (!valid) return problemOf(error);
  return type === 'bool' || type === 'dyn' ? undefined : `expression must result in a bool, not in ${type}`;
}

/** Further lines of the message point into the expression. */
function problemOf(error: Error | undefined): string {
  // The parser reports a stack overflow as it is.
  if (error?.name !== 'ParseError' && error?.name !== 'TypeError') return 'expression is nested too deeply';
  return error.message.split('\n', 1)[0] ?? error.message;
}

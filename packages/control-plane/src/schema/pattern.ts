import { RE2JS } from 're2js';

/** A regular expression of RE2, the syntax of Go: linear in the text's length, without lookaround or backreferences. */
export type Pattern = RE2JS;

/** Enough for the patterns of every kind a server has; a cap because CEL can compute patterns. */
const CACHE_LIMIT = 2000;
const cache = new Map<string, Pattern | PatternError>();

/** Thrown for a pattern that RE2 does not know; the message is its explanation. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

/**
 * Compiles a pattern once.
 *
 * @throws {@link PatternError} when the pattern is not RE2.
 */
export function compilePattern(source: string): Pattern {
  let compiled = cache.get(source);
  if (compiled === undefined) {
    if (cache.size >= CACHE_LIMIT) {
      cache.clear();
    }
    compiled = compileOnce(source);
    cache.set(source, compiled);
  }
  if (compiled instanceof PatternError) {
    throw compiled;
  }
  return compiled;
}

/** Whether any part of the text matches, as `pattern` of a schema and `matches()` of CEL mean it. */
export function matchesPattern(source: string, text: string): boolean {
  return compilePattern(source).matcher(text).find();
}

function compileOnce(source: string): Pattern | PatternError {
  try {
    return RE2JS.compile(source);
  } catch (error) {
    return new PatternError(error instanceof Error ? error.message : String(error));
  }
}

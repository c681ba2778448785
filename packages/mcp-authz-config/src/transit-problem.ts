/** Deeper than any configuration for people; a bound, so that nothing that walks it runs out of stack. */
const MAX_DEPTH = 200;
/** Up to here the API server keeps integers exactly; beyond, they are floating-point numbers for it, too. */
const LARGEST_INTEGER = 2 ** 63;

/**
 * What of a configuration would not arrive at the proxy as the user wrote it. The API server keeps integers of 64 bits,
 * JavaScript of 53: one in between may already be another than was written.
 */
export function transitProblem(value: unknown, path = 'config', depth = 0): string | undefined {
  if (typeof value === 'number') {
    const isExact = !Number.isInteger(value) || Number.isSafeInteger(value) || Math.abs(value) > LARGEST_INTEGER;
    return isExact ? undefined : `${path} is an integer beyond 2^53, which may arrive changed; write it as a string`;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  if (depth === MAX_DEPTH) return `config is nested more than ${MAX_DEPTH} levels deep`;
  for (const [key, member] of Object.entries(value)) {
    const problem = transitProblem(member, Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`, depth + 1);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

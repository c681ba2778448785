/** Deeper values are refused when a tool is called. */
export const MAX_NESTING = 100;

/** Whether a JSON value is nested deeper than tools may be given. Looks level by level, so that no depth is too deep for it. */
export function isNestedTooDeep(value: unknown): boolean {
  let level: readonly unknown[] = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > MAX_NESTING) return true;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return false;
}

/**
 * How many objects and lists may lie in one another. A real server reads 10,000; here the rest of the pipeline is
 * recursive, and no kind needs as much as this.
 */
export const MAX_DEPTH = 500;

/** Whether a JSON value is deeper than {@link MAX_DEPTH}. Level by level, so that it can tell for any depth. */
export function isNestedTooDeeply(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= MAX_DEPTH; depth++) {
    const next: unknown[] = [];
    for (const item of level) {
      if (typeof item !== 'object' || item === null) continue;
      for (const inner of Object.values(item)) {
        if (typeof inner === 'object' && inner !== null) next.push(inner);
      }
    }
    if (next.length === 0) return false;
    level = next;
  }
  return true;
}

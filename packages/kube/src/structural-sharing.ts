type Parts = Record<string, unknown>;

/**
 * Freezes a fresh JSON value and everything in it, so that one object can be handed to everybody, and puts the parts of
 * `like` in place of those that equal them. An object has most of itself in common with its former state, and much with
 * its neighbours: pods of one Deployment differ in little but names. What is frozen can be shared, and takes no memory twice.
 *
 * @returns `like` itself when all of it is equal.
 */
export function freezeLike<T>(value: T, like: unknown): T;
export function freezeLike(value: unknown, like: unknown): unknown {
  if (!hasParts(value) || Object.isFrozen(value)) return value;
  if (!hasParts(like)) return freezeAll(value);
  let equalParts = 0;
  let parts = 0;
  for (const key in value) {
    parts += 1;
    const part = value[key];
    // Not all that `like` has is its own: `__proto__` may come as a key.
    const isShared = Object.hasOwn(like, key);
    const shared = isShared ? like[key] : undefined;
    const kept = part === shared ? shared : freezeLike(part, shared);
    if (isShared && kept === shared) equalParts += 1;
    // Equal strings, too, are two in memory.
    if (kept !== part || typeof kept === 'string') value[key] = kept;
  }
  const isEqual = parts === equalParts && parts === Object.keys(like).length && isArray(value) === isArray(like);
  return isEqual ? like : Object.freeze(value);
}

function freezeAll(value: Parts): Parts {
  for (const key in value) {
    const part = value[key];
    if (hasParts(part) && !Object.isFrozen(part)) freezeAll(part);
  }
  return Object.freeze(value);
}

function hasParts(value: unknown): value is Parts {
  return typeof value === 'object' && value !== null;
}

const { isArray } = Array;

/**
 * Writes JSON the way Go's `encoding/json` does: `<`, `>`, `&` and the two JavaScript line separators escaped. The proxy
 * runner does not care, but checksums are taken over this text, and it is what users have in their clusters.
 *
 * Keys keep the order they have; members that are undefined are left out.
 *
 * @param indent - Spaces per level; 0 (the default) for one compact line.
 * @see {@link https://pkg.go.dev/encoding/json#HTMLEscape | encoding/json.HTMLEscape}
 */
export function goJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, undefined, indent).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** The same value with the keys of every object in byte order, as Go writes maps. */
export function sortedKeys<T>(value: T): T {
  // Order is no part of a type.
  return sorted(value) as T;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => byBytes(a, b))
      .map(([key, member]) => [key, sorted(member)]),
  );
}

/** Orders strings as Go and etcd do: by their UTF-8 bytes. */
export function byBytes(a: string, b: string): number {
  // Only beyond the surrogates does JavaScript's own order, by UTF-16 units, differ.
  if (SURROGATE.test(a) || SURROGATE.test(b)) return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return a === b ? 0 : a < b ? -1 : 1;
}

const SURROGATE = /[\ud800-\udfff]/;

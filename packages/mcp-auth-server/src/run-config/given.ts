/**
 * The members that say something: those that are undefined, false, 0, an empty text or an empty list are left out, for
 * the reader of a run configuration takes them for the default anyway. An object counts, even an empty one.
 */
export function given<T extends object>(members: T): Partial<T> {
  const said = Object.entries(members).filter(
    ([, value]) => Boolean(value) && !(Array.isArray(value) && value.length === 0),
  );
  return Object.fromEntries(said) as Partial<T>;
}

/** A map with its keys in order, so that the document does not depend on how a client wrote them; none when empty. */
export function sortedMap(map: Readonly<Record<string, string | undefined>> = {}): Record<string, string> | undefined {
  const entries = Object.entries(map).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.length === 0 ? undefined : Object.fromEntries(entries.map(([key, value]) => [key, value ?? '']));
}

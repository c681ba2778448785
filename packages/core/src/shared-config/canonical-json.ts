/**
 * The canonical text of a JSON value: keys sorted by UTF-16 code unit, no whitespace, numbers and strings as JSON.stringify
 * writes them; absent and null members are left out, so that a field nobody uses does not count.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc8785#section-3.2 | RFC 8785 section 3.2}
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value ?? null);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined && member !== null)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(',')}}`;
}

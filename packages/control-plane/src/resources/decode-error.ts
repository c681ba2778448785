/** A value that does not fit the type of its field: the request fails with 400, whatever the field validation. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError';
}

/** What Go's decoder calls a JSON value: `json: cannot unmarshal <this> into …`. */
export function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

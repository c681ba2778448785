/** Paths of the members of an object that its schema does not know, sorted by path. */
export function unknownMembers(
  value: object | null | undefined,
  schema: { readonly shape: Readonly<Record<string, unknown>> },
  prefix = '',
): readonly string[] {
  return Object.keys(value ?? {})
    .filter((name) => !Object.hasOwn(schema.shape, name))
    .map((name) => `${prefix}${name}`)
    .sort();
}

/** The remark about them; none when there are none. */
export function remarkOnUnknown(members: readonly string[]): readonly string[] {
  return members.length === 0 ? [] : [`unknown members ignored: [${members.join(' ')}]`];
}

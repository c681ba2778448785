/** A Secret with the credentials of an image registry. */
export interface PullSecret {
  readonly name: string;
}

/**
 * The pull secrets of a workload: its own in their order, then those of the operator that it does not name.
 * @returns undefined when there are none.
 */
export function pullSecrets(
  own: readonly { readonly name?: string }[] | undefined,
  ofOperator: readonly string[],
): readonly PullSecret[] | undefined {
  const names = [...(own ?? []).map(({ name }) => name ?? ''), ...ofOperator].filter((name) => name !== '');
  return names.length === 0 ? undefined : [...new Set(names)].map((name) => ({ name }));
}

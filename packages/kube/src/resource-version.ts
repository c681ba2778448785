const DECIMAL = /^[1-9][0-9]*$/;

/**
 * Orders two resource versions of one kind: negative when `a` is older, undefined when they cannot be compared.
 *
 * Kubernetes guarantees the order since 1.35 and has kept it in practice for much longer; some aggregated APIs do not
 * number their versions at all.
 *
 * @see {@link https://www.kubernetes.dev/resources/keps/5504/ | KEP-5504: comparable resource versions}
 */
export function compareResourceVersions(a: string | undefined, b: string | undefined): number | undefined {
  if (a === b) return a === undefined ? undefined : 0;
  if (a === undefined || b === undefined || !DECIMAL.test(a) || !DECIMAL.test(b)) return undefined;
  // Decimals without leading zeros; they may exceed what a number holds.
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : 1;
}

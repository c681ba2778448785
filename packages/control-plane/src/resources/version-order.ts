const RANK: Record<string, number> = { '': 3, beta: 2, alpha: 1 };

/**
 * Orders API versions, best first: v10 > v2 > v1 > v2beta1 > v1beta2 > v1alpha1, then other names alphabetically.
 *
 * @see {@link https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#version-priority | Version priority}
 */
export function compareVersions(left: string, right: string): number {
  const [a, b] = [parse(left), parse(right)];
  if (!a || !b) {
    if (a || b) return a ? -1 : 1;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  return b.rank - a.rank || b.major - a.major || b.minor - a.minor;
}

function parse(version: string): { rank: number; major: number; minor: number } | undefined {
  const match = /^v([1-9]\d*)(?:(alpha|beta)([1-9]\d*))?$/.exec(version);
  if (!match) return undefined;
  return { rank: RANK[match[2] ?? ''] ?? 0, major: Number(match[1]), minor: Number(match[3] ?? 0) };
}

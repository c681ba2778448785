/** What the path of a request names. */
export type Route =
  | { readonly type: 'api' }
  | { readonly type: 'apis' }
  | { readonly type: 'group'; readonly group: string }
  | { readonly type: 'version'; readonly group: string; readonly version: string }
  | ResourceRoute
  | { readonly type: 'other'; readonly path: string };

export interface ResourceRoute {
  readonly type: 'resource';
  readonly group: string;
  readonly version: string;
  readonly plural: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
  /** The deprecated `…/watch/…` form. */
  readonly watch: boolean;
}

/** Reads a path. Whether what it names exists is another question. */
export function parseRoute(path: string): Route {
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  const [root, ...rest] = segments;
  if (root === 'api') {
    const [version, ...below] = rest;
    if (version === undefined) return { type: 'api' };
    return below.length === 0 ? { type: 'version', group: '', version } : resourceRoute('', version, below);
  }
  if (root === 'apis') {
    const [group, version, ...below] = rest;
    if (group === undefined) return { type: 'apis' };
    if (version === undefined) return { type: 'group', group };
    return below.length === 0 ? { type: 'version', group, version } : resourceRoute(group, version, below);
  }
  return { type: 'other', path };
}

function resourceRoute(group: string, version: string, segments: readonly string[]): ResourceRoute {
  const watch = segments[0] === 'watch';
  const parts = watch ? segments.slice(1) : segments;
  const base = { type: 'resource', group, version, watch } as const;
  const [first, namespace, plural] = parts;
  const isNamespaced =
    first === 'namespaces' && namespace !== undefined && plural !== undefined && !isNamespaceSubresource(parts);
  if (isNamespaced) return { ...base, namespace, plural, ...nameAndSubresource(parts.slice(3)) };
  return { ...base, plural: first ?? '', ...nameAndSubresource(parts.slice(1)) };
}

/** `namespaces/x/status` and `namespaces/x/finalize` name a Namespace, not what is in it. */
function isNamespaceSubresource(parts: readonly string[]): boolean {
  return parts.length === 3 && (parts[2] === 'status' || parts[2] === 'finalize');
}

function nameAndSubresource([name, ...below]: readonly string[]): { name?: string; subresource?: string } {
  return {
    ...(name === undefined ? {} : { name }),
    ...(below.length === 0 ? {} : { subresource: below.join('/') }),
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

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
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  /** The deprecated `…/watch/…` form. */
  readonly watch: boolean;
}

/** Reads a path. Whether what it names exists is another question. */
export function parseRoute(path: string): Route {
  const segments = segmentsOf(path);
  const root = segments.shift();
  if (root !== 'api' && root !== 'apis') return { type: 'other', path };
  const group = root === 'api' ? '' : segments.shift();
  if (group === undefined) return { type: 'apis' };
  const version = segments.shift();
  if (version === undefined) return root === 'api' ? { type: 'api' } : { type: 'group', group };
  return segments.length === 0 ? { type: 'version', group, version } : resourceRoute(group, version, segments);
}

function segmentsOf(path: string): string[] {
  const segments: string[] = [];
  for (const segment of path.split('/')) if (segment !== '') segments.push(decode(segment));
  return segments;
}

function resourceRoute(group: string, version: string, segments: readonly string[]): ResourceRoute {
  const watch = segments[0] === 'watch';
  const parts = watch ? segments.slice(1) : segments;
  const isNamespaced = parts[0] === 'namespaces' && parts.length > 2 && !isNamespaceSubresource(parts);
  const namespace = isNamespaced ? parts[1] : undefined;
  const [plural = '', name, ...below] = isNamespaced ? parts.slice(2) : parts;
  const subresource = below.length === 0 ? undefined : below.join('/');
  return { type: 'resource', group, version, plural, namespace, name, subresource, watch };
}

/** `namespaces/x/status` and `namespaces/x/finalize` name a Namespace, not what is in it. */
function isNamespaceSubresource(parts: readonly string[]): boolean {
  return parts.length === 3 && (parts[2] === 'status' || parts[2] === 'finalize');
}

function decode(segment: string): string {
  if (!segment.includes('%')) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

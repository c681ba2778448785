/** Why the process would not read certificates from this path, two dots of a file name included. */
export function caBundlePathProblem(path: string): string | undefined {
  if (path.includes('..') || path.includes('\0')) return 'contains invalid path characters';
  return path.startsWith('/') ? undefined : 'must be an absolute path';
}

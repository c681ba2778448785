/** Paths of fields as the API server prints them: `spec.list[0].map[key]`; the empty path is the object itself. */

export function child(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

export function index(path: string, position: number): string {
  return `${path}[${position}]`;
}

export function key(path: string, name: string): string {
  return `${path}[${name}]`;
}

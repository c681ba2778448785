/** What an int-or-string comes to: a number, or a percentage of a whole; not rounded. */
export function share(value: unknown, whole: number): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? (Number.parseInt(value, 10) * whole) / 100 : 0;
}

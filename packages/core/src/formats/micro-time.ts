/** A time as Kubernetes' MicroTime writes it: RFC 3339 with six digits after the second. */
export function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}

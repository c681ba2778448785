/**
 * True for what a Secret or a ConfigMap can be called: an RFC 1123 subdomain. There can be none under another name, and a
 * server that is asked for one, or to watch one, may answer something else than that there is none.
 */
export function isObjectName(name: string): boolean {
  return /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(name);
}

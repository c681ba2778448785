import { createHash } from 'node:crypto';

/**
 * The name of a config in the names of environment variables: `gh-pat` becomes `GH_PAT`. A name that loses more than its
 * case and its hyphens gets a hash, since `a.b` and `a-b` may serve one server, each with a secret of its own.
 */
export function variablePart(name: string): string {
  const part = normalized(name);
  return /^[A-Z0-9-]*$/i.test(name) ? part : `${part}_${shortHash(name).toUpperCase()}`;
}

/** Upper case, with an underscore for every other character: `X-API-Key` becomes `X_API_KEY`. */
export function normalized(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
}

/** Eight hexadecimal digits. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8);
}

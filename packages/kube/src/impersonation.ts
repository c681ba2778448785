/** Whom requests are made as, in place of whom the credentials are of. */
export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  /** Default: none but those that every user is in. */
  readonly groups?: readonly string[];
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The headers that say so; each group is a header of its own, since the server takes a list for one group.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation | User impersonation}
 */
export function impersonationHeaders(whom: Impersonation | undefined): Record<string, string | string[]> {
  if (whom === undefined) return {};
  const { user, uid, groups = [], extra = {} } = whom;
  return {
    'impersonate-user': wire(user),
    ...(uid !== undefined && { 'impersonate-uid': wire(uid) }),
    ...(groups.length > 0 && { 'impersonate-group': groups.map(wire) }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [`impersonate-extra-${escapeKey(key)}`, values.map(wire)]),
    ),
  };
}

/** Header values are bytes; Node.js takes a character for each. */
function wire(value: string): string {
  return Buffer.from(value, 'utf8').toString('latin1');
}

/** A key may be a URL; what a header name may not hold is percent-encoded, and so are capitals, which it would lose. */
function escapeKey(key: string): string {
  return [...Buffer.from(key, 'utf8')]
    .map((byte) => {
      const character = String.fromCharCode(byte);
      return /[a-z0-9!#$&'*+.^_`|~-]/.test(character) ? character : `%${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

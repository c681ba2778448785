import type { AccessControl } from '../authorization/access-control.js';
import type { ResourceAttributes } from '../authorization/attributes.js';
import {
  parseServiceAccountUser,
  serviceAccountGroups,
  serviceAccountUser,
} from '../authorization/service-account-user.js';
import type { UserInfo } from '../resources/write-context.js';
import { ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED } from './authentication.js';
import { headersWith, type ApiRequest } from './messages.js';

const EXTRA_PREFIX = 'impersonate-extra-';
const AUTHENTICATION = 'authentication.k8s.io';

/** Headers that say how to impersonate, but not whom. */
export class ImpersonationError extends Error {
  override readonly name = 'ImpersonationError';
}

/** One thing that a request wants to be. */
interface Claim {
  readonly kind: 'User' | 'ServiceAccount' | 'Group' | 'UserExtra' | 'UID';
  readonly name: string;
  readonly namespace?: string;
  /** Of a UserExtra. */
  readonly key?: string;
}

/**
 * Whom a request is made as: who made it, unless it has `Impersonate-` headers.
 *
 * @throws StatusError 403 when the user may not impersonate one of them; {@link ImpersonationError}.
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/user-impersonation/ | User impersonation}
 */
export function impersonate(request: ApiRequest, user: UserInfo, access: AccessControl): UserInfo {
  const claims = claimsOf(request);
  if (claims.length === 0) return user;
  const [first] = claims;
  if (first?.kind !== 'User' && first?.kind !== 'ServiceAccount') {
    throw new ImpersonationError(`requested [${claims.map(describe).join(' ')}] without impersonating a user`);
  }
  for (const claim of claims) access.check(user, attributesOf(claim));
  return userOf(first, claims);
}

function claimsOf(request: ApiRequest): Claim[] {
  const claims: Claim[] = [];
  const headers = headersWith('impersonate-', request);
  const [username = ''] = headers.get('impersonate-user') ?? [];
  if (username !== '') {
    const account = parseServiceAccountUser(username);
    claims.push(account ? { kind: 'ServiceAccount', ...account } : { kind: 'User', name: username });
  }
  for (const name of headers.get('impersonate-group') ?? []) claims.push({ kind: 'Group', name });
  for (const [header, values] of headers) {
    if (!header.startsWith(EXTRA_PREFIX)) continue;
    const key = unescaped(header.slice(EXTRA_PREFIX.length));
    for (const name of values) claims.push({ kind: 'UserExtra', name, key });
  }
  const [uid = ''] = headers.get('impersonate-uid') ?? [];
  if (uid !== '') claims.push({ kind: 'UID', name: uid });
  return claims;
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function attributesOf({ kind, name, namespace, key }: Claim): ResourceAttributes {
  const base = { type: 'resource', verb: 'impersonate', name } as const;
  switch (kind) {
    case 'User':
      return { ...base, group: '', resource: 'users' };
    case 'ServiceAccount':
      return { ...base, group: '', resource: 'serviceaccounts', namespace: namespace ?? '' };
    case 'Group':
      return { ...base, group: '', resource: 'groups' };
    case 'UserExtra':
      return { ...base, group: AUTHENTICATION, resource: 'userextras', subresource: key ?? '' };
    case 'UID':
      return { ...base, group: AUTHENTICATION, resource: 'uids' };
  }
}

function userOf({ kind, name, namespace = '' }: Claim, claims: readonly Claim[]): UserInfo {
  const isAccount = kind === 'ServiceAccount';
  const username = isAccount ? serviceAccountUser(namespace, name) : name;
  const asked = claims.filter((claim) => claim.kind === 'Group').map((claim) => claim.name);
  const groups = isAccount && asked.length === 0 ? serviceAccountGroups(namespace) : asked;
  const uid = claims.find((claim) => claim.kind === 'UID')?.name;
  const extra = new Map<string, string[]>();
  for (const { key, name: value } of claims) {
    if (key !== undefined) extra.set(key, [...(extra.get(key) ?? []), value]);
  }
  return {
    username,
    groups: withSystemGroup(username, groups),
    ...(uid === undefined ? {} : { uid }),
    ...(extra.size === 0 ? {} : { extra: Object.fromEntries(extra) }),
  };
}

function withSystemGroup(username: string, groups: readonly string[]): readonly string[] {
  const isAnonymous = username === ANONYMOUS.username;
  const own = isAnonymous ? UNAUTHENTICATED : AUTHENTICATED;
  const isKnown = groups.includes(own) || (!isAnonymous && groups.includes(UNAUTHENTICATED));
  return isKnown ? groups : [...groups, own];
}

/** A claim as Go prints the ObjectReference that a real server makes of it. */
function describe({ kind, name, namespace = '', key = '' }: Claim): string {
  const apiVersion = kind === 'UserExtra' || kind === 'UID' ? `${AUTHENTICATION}/v1` : '';
  return `{${[kind, namespace, name, '', apiVersion, '', key].join(' ')}}`;
}

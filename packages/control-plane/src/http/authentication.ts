import { hash, randomBytes } from 'node:crypto';
import type { UserInfo } from '../resources/write-context.js';
import { StatusError } from '../status-error.js';
import { clientCertificateUser } from './client-certificate.js';
import type { ApiRequest } from './messages.js';
import type { ServiceAccountTokens } from './service-account-tokens.js';

export const AUTHENTICATED = 'system:authenticated';
export const UNAUTHENTICATED = 'system:unauthenticated';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: [UNAUTHENTICATED] };

/** Finds out who makes a request, by client certificate or bearer token. */
export class Authenticator {
  /** By the digest of the token, so that how long a look-up takes says nothing about the tokens there are. */
  readonly #users = new Map<string, UserInfo>();
  readonly serviceAccounts: ServiceAccountTokens;

  constructor(serviceAccounts: ServiceAccountTokens) {
    this.serviceAccounts = serviceAccounts;
  }

  /** Makes a token for a user. */
  issue(user: UserInfo): string {
    const token = randomToken();
    this.accept(token, user);
    return token;
  }

  /** Takes a token for a user from now on. */
  accept(token: string, user: UserInfo): void {
    this.#users.set(digest(token), authenticated(user));
  }

  /** @throws {@link StatusError} 401 for credentials that are nobody's. */
  authenticate(request: ApiRequest): UserInfo {
    const shown = clientCertificateUser(request);
    if (typeof shown !== 'string') return authenticated(shown);
    const header = request.headers.authorization ?? '';
    if (header === '' && shown === 'none') return ANONYMOUS;
    const token = /^Bearer (.+)$/i.exec(header)?.[1]?.trim();
    const user = token === undefined ? undefined : this.userOf(token);
    if (!user) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    return user;
  }

  /**
   * Whose token it is; undefined when it is nobody's.
   *
   * @param audiences - Who asks, of whom the token must be meant for one; default: the server.
   */
  userOf(token: string, audiences = this.serviceAccounts.audiences): UserInfo | undefined {
    const user = this.#users.get(digest(token));
    // These tokens name no audience: they are for the server.
    if (user) return audiences.some((audience) => this.serviceAccounts.audiences.includes(audience)) ? user : undefined;
    const account = this.serviceAccounts.userOf(token, audiences);
    return account && authenticated(account);
  }

  /** Which of some audiences a token is meant for. */
  audiencesOf(token: string, audiences: readonly string[]): string[] {
    return audiences.filter((audience) => this.userOf(token, [audience]) !== undefined);
  }
}

export function randomToken(): string {
  return randomBytes(32).toString('base64url');
}

function authenticated(user: UserInfo): UserInfo {
  return user.groups.includes(AUTHENTICATED) ? user : { ...user, groups: [...user.groups, AUTHENTICATED] };
}

function digest(token: string): string {
  return hash('sha256', token);
}

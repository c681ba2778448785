import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { UserInfo } from '../resources/write-context.js';
import { StatusError } from '../status-error.js';
import type { ServiceAccountTokens } from './service-account-tokens.js';

const AUTHENTICATED = 'system:authenticated';

export const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] };

/** Finds out who makes a request, by bearer token. */
export class TokenAuthenticator {
  readonly #users = new Map<string, UserInfo>();
  readonly serviceAccounts: ServiceAccountTokens;

  constructor(serviceAccounts: ServiceAccountTokens) {
    this.serviceAccounts = serviceAccounts;
  }

  /** Makes a token for a user. */
  issue(user: UserInfo): string {
    const token = randomBytes(32).toString('base64url');
    this.#users.set(digest(token), authenticated(user));
    return token;
  }

  /** @throws {@link StatusError} 401 for credentials that are nobody's. */
  authenticate(request: IncomingMessage): UserInfo {
    const header = request.headers.authorization;
    if (header === undefined || header === '') return ANONYMOUS;
    const token = /^Bearer (.+)$/i.exec(header)?.[1]?.trim();
    const user = token === undefined ? undefined : this.userOf(token);
    if (!user) throw new StatusError(401, 'Unauthorized', 'Unauthorized');
    return user;
  }

  userOf(token: string): UserInfo | undefined {
    if (token.split('.').length === 3) {
      const account = this.serviceAccounts.userOf(token);
      return account && authenticated(account);
    }
    const wanted = digest(token);
    for (const [known, user] of this.#users) {
      if (timingSafeEqual(Buffer.from(known), Buffer.from(wanted))) return user;
    }
    return undefined;
  }
}

function authenticated(user: UserInfo): UserInfo {
  return { ...user, groups: [...user.groups, AUTHENTICATED] };
}

function digest(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

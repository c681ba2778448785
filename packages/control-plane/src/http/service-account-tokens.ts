import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomUUID,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { stringsAt } from '../access.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { serviceAccountGroups, serviceAccountUser } from '../authorization/service-account-user.js';
import type { UserInfo } from '../resources/write-context.js';
import type { StoredObject } from '../storage/table.js';

const ISSUER = 'https://kubernetes.default.svc.cluster.local';

export interface ServiceAccountTokenRequest {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** Empty: the server itself. */
  readonly audiences: readonly string[];
  readonly expiresAt: Date;
}

export interface ServiceAccountTokensOptions {
  /** The account as it is now; a token dies with the account it was issued for. */
  account(namespace: string, name: string): StoredObject | undefined;
  now(): Date;
  /** The key to sign with, PEM; asked for when the first token is. Default: a new one. */
  signingKey?(): string;
}

/**
 * Tokens of service accounts: JSON Web Tokens signed with a key that lives as long as the server, or its data.
 *
 * @see {@link https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-tokens | Bound tokens}
 */
export class ServiceAccountTokens {
  readonly #options: ServiceAccountTokensOptions;
  /** What a token that is meant for the server names as its audience. */
  readonly audiences: readonly string[] = [ISSUER];
  #keys: KeyPair | undefined;

  constructor(options: ServiceAccountTokensOptions) {
    this.#options = options;
  }

  issue(request: ServiceAccountTokenRequest): { token: string; audiences: readonly string[] } {
    const { name, namespace, uid, expiresAt } = request;
    const audiences = request.audiences.length > 0 ? request.audiences : this.audiences;
    const now = Math.floor(this.#options.now().getTime() / 1000);
    const claims = {
      iss: ISSUER,
      sub: serviceAccountUser(namespace, name),
      aud: audiences,
      exp: Math.floor(expiresAt.getTime() / 1000),
      iat: now,
      nbf: now,
      jti: randomUUID(),
      'kubernetes.io': { namespace, serviceaccount: { name, uid } },
    };
    const content = `${encode({ alg: 'ES256', typ: 'JWT' })}.${encode(claims)}`;
    const signature = sign('sha256', Buffer.from(content), {
      key: this.#keyPair().privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return { token: `${content}.${signature.toString('base64url')}`, audiences };
  }

  /** Whose token it is; undefined for one that is none, is for others, has expired, or whose account is gone. */
  userOf(token: string, audiences = this.audiences): UserInfo | undefined {
    const claims = this.#claimsOf(token);
    if (!claims || !stringsAt(claims, 'aud').some((audience) => audiences.includes(audience))) return undefined;
    const bound = claims['kubernetes.io'];
    const account = isJsonObject(bound) ? bound['serviceaccount'] : undefined;
    if (!isJsonObject(bound) || !isJsonObject(account)) return undefined;
    const [namespace, name] = [String(bound['namespace']), String(account['name'])];
    if (Number(claims['exp']) * 1000 <= this.#options.now().getTime()) return undefined;
    if (this.#options.account(namespace, name)?.metadata.uid !== account['uid']) return undefined;
    return {
      username: serviceAccountUser(namespace, name),
      uid: String(account['uid']),
      groups: serviceAccountGroups(namespace),
      extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${String(claims['jti'])}`] },
    };
  }

  #claimsOf(token: string): JsonObject | undefined {
    const [header, payload, signature, ...rest] = token.split('.');
    if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) return undefined;
    const isOurs = verify(
      'sha256',
      Buffer.from(`${header}.${payload}`),
      { key: this.#keyPair().publicKey, dsaEncoding: 'ieee-p1363' },
      Buffer.from(signature, 'base64url'),
    );
    if (!isOurs) return undefined;
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
    return isJsonObject(claims) ? claims : undefined;
  }

  /** Made when a first token is asked for: most servers never see one. */
  #keyPair(): KeyPair {
    if (this.#keys) return this.#keys;
    const privateKey = createPrivateKey(this.#options.signingKey?.() ?? makeSigningKey());
    return (this.#keys = { privateKey, publicKey: createPublicKey(privateKey) });
  }
}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** A key for `signingKey`, PEM. */
export function makeSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function encode(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

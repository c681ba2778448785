import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import type { KeyPair } from './issue-certificate.js';
import { servingCertificate, type ServingCertificate } from './serving-certificate.js';

const DAY_MS = 86_400_000;
/** What a certificate is worth to who steals it, against how often a broken renewal is noticed too late. */
const SERVING_LIFETIME_MS = 90 * DAY_MS;
const AUTHORITY_LIFETIME_MS = 2 * 365 * DAY_MS;
/** Renewed when so much of its lifetime is over, as cert-manager does. */
const RENEWED_AFTER = 2 / 3;
/** An authority is followed by another long before it expires: clients know that one by the time it is used. */
const FOLLOWED_AFTER = 1 / 2;

/** What the replicas of an operator share: who issues, and what has been issued. */
export interface KeptCertificates {
  /** The oldest first; it issues while what it issues does not outlive it. */
  readonly authorities: readonly KeyPair[];
  readonly serving: KeyPair;
}

/**
 * The certificates as they should be now: themselves when nothing is to be done.
 *
 * @param names - What the server is called.
 */
export async function renewed(
  kept: KeptCertificates | undefined,
  names: readonly string[],
  nowMs: number,
): Promise<KeptCertificates> {
  const valid = kept?.authorities.filter(({ certificate }) => expiryOf(certificate) > nowMs) ?? [];
  const newest = valid.at(-1);
  const isFollowed = newest !== undefined && usedUp(newest, nowMs) < FOLLOWED_AFTER;
  const authorities = isFollowed ? valid : [...valid, await newAuthority(names, nowMs)];
  const isServed = kept !== undefined && isGood(kept.serving, authorities, names, nowMs);
  if (isServed && authorities.length === kept.authorities.length && isFollowed) return kept;
  return { authorities, serving: isServed ? kept.serving : await newServing(authorities, names, nowMs) };
}

/** When to look again at the latest. */
export function renewalAtMs({ authorities, serving }: KeptCertificates): number {
  const newest = authorities.at(-1);
  return Math.min(partOf(serving, RENEWED_AFTER), newest === undefined ? Infinity : partOf(newest, FOLLOWED_AFTER));
}

/** @throws when they are none. */
export function asServingCertificate({ authorities, serving }: KeptCertificates): ServingCertificate {
  return servingCertificate({ ...serving, authorities: authorities.map(({ certificate }) => certificate).join('') });
}

async function newAuthority(names: readonly string[], nowMs: number): Promise<KeyPair> {
  const { issueAuthority } = await import('./issue-certificate.js');
  // Each has a name of its own: who checks a signature finds the right one by it.
  const name = `${names[0] ?? 'webhooks'} ${new Date(nowMs).toISOString()}`.slice(-64);
  return issueAuthority(name, { nowMs, lifetimeMs: AUTHORITY_LIFETIME_MS });
}

async function newServing(authorities: readonly KeyPair[], names: readonly string[], nowMs: number): Promise<KeyPair> {
  const outlives = ({ certificate }: KeyPair): boolean => expiryOf(certificate) > nowMs + SERVING_LIFETIME_MS;
  // The newest was made just now or long ago: there always is one.
  const issuer = authorities.find(outlives) ?? authorities.at(-1);
  if (issuer === undefined) throw new Error('no authority to issue a webhook certificate');
  const { issueServerCertificate } = await import('./issue-certificate.js');
  return issueServerCertificate(issuer, names, { nowMs, lifetimeMs: SERVING_LIFETIME_MS });
}

function isGood(serving: KeyPair, authorities: readonly KeyPair[], names: readonly string[], nowMs: number): boolean {
  const certificate = new X509Certificate(serving.certificate);
  const covers = (name: string): boolean =>
    (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined;
  return (
    usedUp(serving, nowMs) < RENEWED_AFTER &&
    names.every(covers) &&
    authorities.some((authority) => certificate.verify(new X509Certificate(authority.certificate).publicKey))
  );
}

const expiryOf = (certificate: string): number => Date.parse(new X509Certificate(certificate).validTo);

/** How much of its lifetime is over, from 0 to 1 and on. */
function usedUp({ certificate }: KeyPair, nowMs: number): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return (nowMs - from) / (to - from);
}

/** The moment when this part of its lifetime is over. */
function partOf({ certificate }: KeyPair, part: number): number {
  const { validFrom, validTo } = new X509Certificate(certificate);
  const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
  return from + (to - from) * part;
}

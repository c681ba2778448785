import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  type KeyObject,
} from 'node:crypto';
import { isIP } from 'node:net';
import * as der from './der.js';

/** What a TLS server needs, and what its clients trust. All PEM. */
export interface ServerCertificate {
  readonly certificate: string;
  readonly key: string;
  readonly caCertificate: string;
  /** Makes a certificate by which the server recognises a user. */
  issueClientCertificate(user: { readonly username: string; readonly groups: readonly string[] }): ClientCertificate;
}

/** What a client proves with who it is. All PEM. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** Who signs certificates. All PEM. */
export interface CertificateAuthority {
  readonly certificate: string;
  readonly key: string;
}

const DAY_MS = 86_400_000;
const LIFETIME_MS = 365 * DAY_MS;
/** An authority may be kept, and what clients trust should not have to change. */
const AUTHORITY_LIFETIME_MS = 10 * LIFETIME_MS;

const ECDSA_WITH_SHA256 = der.sequence(der.objectIdentifier('1.2.840.10045.4.3.2'));
const COMMON_NAME = '2.5.4.3';
const ORGANIZATION = '2.5.4.10';
const EXTENSION = {
  subjectKeyIdentifier: '2.5.29.14',
  keyUsage: '2.5.29.15',
  subjectAlternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKeyIdentifier: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
} as const;
const SERVER_AUTHENTICATION = '1.3.6.1.5.5.7.3.1';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
/** Bits of keyUsage, and how many of their byte do not count. */
const DIGITAL_SIGNATURE = der.bitString(Buffer.of(0x80), 7);
const CERTIFICATE_SIGNING = der.bitString(Buffer.of(0x84), 2);

const made = new Map<string, ServerCertificate>();

/**
 * A certificate for a server on this machine, valid for a year, by an authority that is given or of its own; ECDSA P-256.
 *
 * Without an authority it is made once in a process for each host: tests start many servers. Written here, in a few lines of DER, because loading
 * a library for it takes longer than everything else that a server does to start.
 */
export function serverCertificate(host: string, authority?: CertificateAuthority): ServerCertificate {
  if (authority) return makeServerCertificate(host, authority);
  const known = made.get(host);
  if (known) return known;
  const certificate = makeServerCertificate(host, makeCertificateAuthority());
  made.set(host, certificate);
  return certificate;
}

/** Makes an authority, to be kept for {@link serverCertificate}. */
export function makeCertificateAuthority(): CertificateAuthority {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = issuerOf(privateKey);
  const extensions = [
    extension(EXTENSION.basicConstraints, der.sequence(der.boolean(true)), { critical: true }),
    extension(EXTENSION.keyUsage, CERTIFICATE_SIGNING, { critical: true }),
  ];
  return {
    certificate: makeCertificate(issuer, issuer.name, issuer.keys.publicKey, extensions, AUTHORITY_LIFETIME_MS),
    key: privateKeyPem(privateKey),
  };
}

function issuerOf(privateKey: KeyObject): Issuer {
  return { name: distinguishedName('trueup-ca'), keys: { privateKey, publicKey: createPublicKey(privateKey) } };
}

function makeServerCertificate(host: string, authority: CertificateAuthority): ServerCertificate {
  const issuer = issuerOf(createPrivateKey(authority.key));
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return {
    caCertificate: authority.certificate,
    certificate: makeCertificate(issuer, distinguishedName('trueup'), server.publicKey, [
      ...leafExtensions(SERVER_AUTHENTICATION),
      extension(EXTENSION.subjectAlternativeName, alternativeNames(['localhost', '127.0.0.1', '::1', host])),
    ]),
    key: privateKeyPem(server.privateKey),
    issueClientCertificate({ username, groups }) {
      const client = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const subject = distinguishedName(username, groups);
      return {
        certificate: makeCertificate(issuer, subject, client.publicKey, leafExtensions(CLIENT_AUTHENTICATION)),
        key: privateKeyPem(client.privateKey),
      };
    },
  };
}

function leafExtensions(usage: string): Buffer[] {
  return [
    extension(EXTENSION.basicConstraints, der.sequence(), { critical: true }),
    extension(EXTENSION.keyUsage, DIGITAL_SIGNATURE, { critical: true }),
    extension(EXTENSION.extendedKeyUsage, der.sequence(der.objectIdentifier(usage))),
  ];
}

function privateKeyPem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}

interface Issuer {
  /** A distinguished name. */
  readonly name: Buffer;
  readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
}

function makeCertificate(
  issuer: Issuer,
  subject: Buffer,
  publicKey: KeyObject,
  extensions: Buffer[],
  lifetimeMs = LIFETIME_MS,
): string {
  const version3 = der.tagged(0, der.integer(Buffer.of(2)), { constructed: true });
  const authorityKey = der.sequence(der.tagged(0, keyIdentifier(issuer.keys.publicKey), { constructed: false }));
  const content = der.sequence(
    version3,
    der.integer(Buffer.of(1, ...randomBytes(15))),
    ECDSA_WITH_SHA256,
    issuer.name,
    der.sequence(der.utcTime(new Date(Date.now() - DAY_MS)), der.utcTime(new Date(Date.now() + lifetimeMs))),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    der.tagged(
      3,
      der.sequence(
        ...extensions,
        extension(EXTENSION.subjectKeyIdentifier, der.octetString(keyIdentifier(publicKey))),
        extension(EXTENSION.authorityKeyIdentifier, authorityKey),
      ),
      { constructed: true },
    ),
  );
  const signature = der.bitString(sign('sha256', content, issuer.keys.privateKey));
  return pem(der.sequence(content, ECDSA_WITH_SHA256, signature));
}

function distinguishedName(commonName: string, organizations: readonly string[] = []): Buffer {
  const part = (type: string, value: string): Buffer =>
    der.set(der.sequence(der.objectIdentifier(type), der.utf8String(value)));
  return der.sequence(...organizations.map((name) => part(ORGANIZATION, name)), part(COMMON_NAME, commonName));
}

function extension(identifier: string, value: Buffer, { critical = false } = {}): Buffer {
  const isCritical = critical ? [der.boolean(true)] : [];
  return der.sequence(der.objectIdentifier(identifier), ...isCritical, der.octetString(value));
}

function alternativeNames(hosts: readonly string[]): Buffer {
  const names = [...new Set(hosts)].map((host) =>
    isIP(host) === 0
      ? der.tagged(2, Buffer.from(host), { constructed: false })
      : der.tagged(7, addressBytes(host), { constructed: false }),
  );
  return der.sequence(...names);
}

function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split('.').map(Number));
  // Both halves around `::`, filled with zeros in between.
  const [head = '', tail = ''] = address.split('::');
  const groups = (text: string): string[] => text.split(':').filter((group) => group !== '');
  const missing = 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: missing }, () => '0'), ...groups(tail)];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** RFC 5280, section 4.2.1.2: the SHA-1 of the key, as a name for it. */
function keyIdentifier(publicKey: KeyObject): Buffer {
  return createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest();
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
}

import 'reflect-metadata';
import {
  BasicConstraintsExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type JsonGeneralName,
} from '@peculiar/x509';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };

/** PEM of a certificate and its key. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** An authority, and certificates it has signed. */
export interface Authority {
  readonly ca: string;
  /** For a server on 127.0.0.1 or the given DNS name. */
  server(dnsName?: string): Promise<Identity>;
  /** For a client. */
  client(name: string): Promise<Identity>;
}

export async function anAuthority(name: string): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  const issue = async (subject: string, extensions: SubjectAlternativeNameExtension[]): Promise<Identity> => {
    const own = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
    const certificate = await X509CertificateGenerator.create({
      issuer: authority.subject,
      subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions,
    });
    const pkcs8 = await crypto.subtle.exportKey('pkcs8', own.privateKey);
    return { cert: certificate.toString('pem'), key: PemConverter.encode(pkcs8, 'PRIVATE KEY') };
  };
  return {
    ca: authority.toString('pem'),
    server: (dnsName) => {
      const alternative: JsonGeneralName =
        dnsName === undefined ? { type: 'ip', value: '127.0.0.1' } : { type: 'dns', value: dnsName };
      return issue('CN=server', [new SubjectAlternativeNameExtension([alternative])]);
    },
    client: (name) => issue(`CN=${name}`, []),
  };
}

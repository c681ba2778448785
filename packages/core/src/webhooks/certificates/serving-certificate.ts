import { createPrivateKey, X509Certificate } from 'node:crypto';

/** What a TLS server shows and proves. PEM. */
export interface ServingCertificate {
  /** Its own first, then those between it and an authority. */
  readonly certificate: string;
  readonly key: string;
  /** Whom clients must trust to believe it; absent: somebody else tells them. */
  readonly authorities?: string;
  readonly expiresAtMs: number;
}

/** Where the certificate of a server comes from, and newer ones in time. */
export interface CertificateSource {
  /** Gives the first certificate. Others are told to the listener as they come. @throws when there is none. */
  open(onRenewed: (certificate: ServingCertificate) => void): Promise<ServingCertificate>;
  close(): Promise<void>;
}

/** @throws when the texts are no certificate and key, or do not belong together. */
export function servingCertificate(texts: Omit<ServingCertificate, 'expiresAtMs'>): ServingCertificate {
  const certificate = new X509Certificate(texts.certificate);
  if (!certificate.checkPrivateKey(createPrivateKey(texts.key)))
    throw new Error('the private key is not that of the certificate');
  return { ...texts, expiresAtMs: Date.parse(certificate.validTo) };
}

import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { serverCertificate } from './certificates.js';

describe('serverCertificate', () => {
  it('makes a certificate that its authority vouches for, and nobody else', () => {
    const { certificate, caCertificate } = serverCertificate('127.0.0.1');
    const other = new X509Certificate(serverCertificate('example.test').caCertificate);
    const [leaf, authority] = [new X509Certificate(certificate), new X509Certificate(caCertificate)];

    expect(authority.ca).toBe(true);
    expect(leaf.ca).toBe(false);
    expect(leaf.verify(authority.publicKey)).toBe(true);
    expect(leaf.checkIssued(authority)).toBe(true);
    expect(leaf.verify(other.publicKey)).toBe(false);
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['10.1.2.3', '10.1.2.3'],
    ['::1', '::1'],
    ['fd00::12:3', 'fd00::12:3'],
  ])('for %s is good for that address', (host, address) => {
    const leaf = new X509Certificate(serverCertificate(host).certificate);

    expect(leaf.checkIP(address)).toBe(address);
    expect(leaf.checkHost('localhost')).toBe('localhost');
    expect(leaf.checkIP('10.9.9.9')).toBeUndefined();
  });

  it('is valid now and for months', () => {
    const leaf = new X509Certificate(serverCertificate('127.0.0.1').certificate);

    expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.now());
    expect(Date.parse(leaf.validTo)).toBeGreaterThan(Date.now() + 90 * 86_400_000);
  });
});

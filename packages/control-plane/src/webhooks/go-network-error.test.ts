import { describe, expect, it } from '@jest/globals';
import { goNetworkError } from './go-network-error.js';

describe('goNetworkError', () => {
  const failure = (code: string, fields: object = {}): Error =>
    Object.assign(new Error('what Node says'), { code, ...fields });

  it.each([
    [failure('ECONNREFUSED', { address: '127.0.0.1', port: 1 }), 'dial tcp 127.0.0.1:1: connect: connection refused'],
    [failure('ECONNREFUSED', { address: '::1', port: 1 }), 'dial tcp [::1]:1: connect: connection refused'],
    [failure('ENOTFOUND'), 'dial tcp: lookup hook.test: no such host'],
    [failure('ECONNRESET'), 'EOF'],
    [
      failure('DEPTH_ZERO_SELF_SIGNED_CERT'),
      'tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    [
      failure('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: 'DNS:a.test, IP Address:127.0.0.1' } }),
      'tls: failed to verify certificate: x509: certificate is valid for a.test, not hook.test',
    ],
    [
      failure('ERR_TLS_CERT_ALTNAME_INVALID', { cert: { subjectaltname: 'IP Address:127.0.0.1' } }),
      'tls: failed to verify certificate: x509: certificate is not valid for any names, but wanted to match hook.test',
    ],
    [failure('ESOMETHING'), 'what Node says'],
  ])('says of %s: %s', (error, text) => {
    expect(goNetworkError(error, 'hook.test')).toBe(text);
  });

  it('speaks of the last attempt when a host has several addresses', () => {
    const attempts = [failure('ENOTFOUND'), failure('ECONNREFUSED', { address: '127.0.0.1', port: 2 })];

    expect(goNetworkError(new AggregateError(attempts), 'hook.test')).toBe(
      'dial tcp 127.0.0.1:2: connect: connection refused',
    );
  });
});

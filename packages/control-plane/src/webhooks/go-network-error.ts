import { isJsonObject } from '../object.js';

const UNKNOWN_AUTHORITY = 'certificate signed by unknown authority';

/** What Go says of a certificate for which OpenSSL has this code. */
const CERTIFICATE_PROBLEMS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  CERT_SIGNATURE_FAILURE: UNKNOWN_AUTHORITY,
  CERT_HAS_EXPIRED: 'certificate has expired or is not yet valid',
  CERT_NOT_YET_VALID: 'certificate has expired or is not yet valid',
};

const CONNECT_PROBLEMS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connect: connection refused',
  EHOSTUNREACH: 'connect: no route to host',
  ENETUNREACH: 'connect: network is unreachable',
  ETIMEDOUT: 'i/o timeout',
};

/**
 * Why a request failed on the network, as Go's HTTP client says it: that is what the API server's messages quote, and what
 * people search for.
 *
 * @param host - The name that the server's certificate had to be for.
 */
export function goNetworkError(error: unknown, host: string): string {
  // Test runners load modules into realms of their own, where Node's errors are no instances of Error.
  if (typeof error !== 'object' || error === null) return String(error);
  const attempts: unknown = Reflect.get(error, 'errors');
  if (Array.isArray(attempts) && attempts.length > 0) return goNetworkError(attempts.at(-1), host);
  const code = textAt(error, 'code');
  const message = textAt(error, 'message');
  const certificate = CERTIFICATE_PROBLEMS[code];
  if (certificate !== undefined) return certificateError(certificate);
  const connect = CONNECT_PROBLEMS[code];
  if (connect !== undefined) return `dial tcp ${addressOf(error)}: ${connect}`;
  switch (code) {
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return certificateError(wrongName(error, host));
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `dial tcp: lookup ${host}: no such host`;
    case 'ECONNRESET':
    case 'EPIPE':
      return 'EOF';
    case 'EPROTO':
      return /wrong version number|packet length too long/.test(message)
        ? 'http: server gave HTTP response to HTTPS client'
        : `remote error: tls: ${message}`;
    default:
      return message;
  }
}

function certificateError(problem: string): string {
  return `tls: failed to verify certificate: x509: ${problem}`;
}

function wrongName(error: object, host: string): string {
  const certificate: unknown = Reflect.get(error, 'cert');
  const names = isJsonObject(certificate) ? certificate['subjectaltname'] : undefined;
  const known = typeof names === 'string' ? names.split(', ') : [];
  const isAddress = /^[\d.]+$|:/.test(host);
  const wanted = isAddress ? 'IP Address:' : 'DNS:';
  const fitting = known.filter((name) => name.startsWith(wanted)).map((name) => name.slice(wanted.length));
  if (fitting.length > 0) return `certificate is valid for ${fitting.join(', ')}, not ${host}`;
  return isAddress
    ? `cannot validate certificate for ${host} because it doesn't contain any IP SANs`
    : `certificate is not valid for any names, but wanted to match ${host}`;
}

function addressOf(error: object): string {
  const address = textAt(error, 'address');
  return `${address.includes(':') ? `[${address}]` : address}:${textAt(error, 'port')}`;
}

function textAt(error: object, name: string): string {
  const value: unknown = Reflect.get(error, name);
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

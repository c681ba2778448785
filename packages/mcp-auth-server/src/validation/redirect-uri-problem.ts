import { isLoopbackHost } from './network-address.js';
import { MALFORMED, parseUri } from './uri.js';

const MAX_LENGTH = 2048;

/**
 * What is wrong with a URI that users are sent back to.
 *
 * @param policy - `strict`: TLS, or plain HTTP on the machine itself. `http`: plain HTTP anywhere.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.1.2 | RFC 6749, section 3.1.2}
 */
export function redirectUriProblem(text: string, policy: 'strict' | 'http'): string | undefined {
  if (text.length > MAX_LENGTH) return `redirect_uri too long (maximum ${MAX_LENGTH} characters)`;
  const uri = parseUri(text);
  if (uri === undefined) return `invalid redirect_uri format: ${MALFORMED}`;
  if (uri.scheme === '' || uri.fragment !== undefined) return 'redirect_uri must be an absolute URI without a fragment';
  if (uri.scheme === 'https') return undefined;
  if (policy === 'http') return uri.scheme === 'http' ? undefined : 'redirect_uri must use http or https scheme';
  const isLocal = isLoopbackHost(uri.host) || uri.host.endsWith('.localhost');
  return uri.scheme === 'http' && isLocal ? undefined : 'redirect_uri must use http (for loopback) or https scheme';
}

/** True when the machine of the user itself is meant. */
export function isLoopbackUri(text: string): boolean {
  return isLoopbackHost(parseUri(text)?.host ?? '');
}

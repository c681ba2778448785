import { isLoopbackHost } from './network-address.js';
import { MALFORMED, parseUri, type Uri } from './uri.js';

/** What is tolerated in the URL of an authorization server besides what the standard says. */
export interface ServerUrlRules {
  /** Plain HTTP for any host. */
  readonly allowsHttp: boolean;
  /** Plain HTTP for the machine itself. */
  readonly allowsLoopbackHttp: boolean;
  readonly allowsTrailingSlash: boolean;
}

/**
 * What is wrong with the URL of an authorization server.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8414#section-2 | RFC 8414, section 2: issuer}
 */
export function serverUrlProblem(text: string, rules: ServerUrlRules): string | undefined {
  if (text === '') return 'issuer is required';
  const url = parseUri(text);
  if (url === undefined) return `invalid URL: ${MALFORMED}`;
  if (url.scheme === '') return 'scheme is required';
  if (url.host === '') return 'host is required';
  if (url.query !== undefined) return 'must not contain query component';
  if (url.fragment !== undefined) return 'must not contain fragment component';
  if (url.userInfo !== undefined) return 'must not contain userinfo (credentials in the URL)';
  const problem = schemeProblem(url, rules);
  if (problem !== undefined) return problem;
  return text.endsWith('/') && !rules.allowsTrailingSlash ? 'must not have trailing slash' : undefined;
}

function schemeProblem({ scheme, host, authority }: Uri, rules: ServerUrlRules): string | undefined {
  if (scheme === 'https') return undefined;
  if (scheme !== 'http') return 'scheme must be https (or http for localhost)';
  const isAllowed = rules.allowsHttp || (rules.allowsLoopbackHttp && isLoopbackHost(host));
  return isAllowed ? undefined : `http scheme is only allowed for localhost, use https for ${authority}`;
}

import { verdict, type Verdict, type Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from './schema/embedded-auth-server-schema.js';
import { parseUri } from './validation/uri.js';

/**
 * The condition `UpstreamRedirectURIReachable`, advice: Unknown while upstreams send users back to a default below a path of
 * the resource, where the server itself does not listen; absent otherwise.
 */
export function redirectUriVerdict(
  server: Stored<EmbeddedAuthServer> | undefined,
  resourceUrl: string | undefined,
): Verdict {
  const path = parseUri(resourceUrl ?? '')?.path.replace(/\/+$/, '') ?? '';
  const byDefault = (server?.upstreamProviders ?? [])
    .filter(({ oidcConfig, oauth2Config }) => !(oidcConfig ?? oauth2Config)?.redirectUri)
    .map(({ name = '' }) => name);
  if (path === '' || byDefault.length === 0) return verdict.absent;
  return verdict.unknown(
    'DefaultRedirectURIHasPath',
    `upstream(s) [${byDefault.join(' ')}] send users back to ${path}/oauth/callback, but the server listens on /oauth/callback; ` +
      'set redirectUri, unless something in front of the server maps the path',
  );
}

import { verdict, type Verdict, type Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from './schema/embedded-auth-server-schema.js';

/**
 * The condition `IdentitySynthesized`, advice: users of which upstreams have no name, since nothing asks the upstream for it.
 * Absent without a server.
 */
export function identitySynthesizedVerdict(server: Stored<EmbeddedAuthServer> | undefined): Verdict {
  if (server === undefined) return verdict.absent;
  const nameless = (server.upstreamProviders ?? [])
    .filter(({ type, oauth2Config }) => type === 'oauth2' && oauth2Config !== undefined)
    .filter(({ oauth2Config }) => oauth2Config?.userInfo === undefined && oauth2Config?.identityFromToken === undefined)
    .map(({ name = '' }) => name)
    .sort();
  if (nameless.length === 0) return ALL_KNOWN;
  return verdict.true(
    'OAuth2UpstreamWithoutUserInfo',
    `OAuth2 upstream(s) [${nameless.join(' ')}] have no userInfo configured; the embedded auth server will synthesize a ` +
      'non-PII subject from the access token (no Name/Email claims). If a userInfo endpoint exists for these upstreams, ' +
      'configure it to resolve real identity.',
  );
}

const ALL_KNOWN = verdict.false(
  'AllUpstreamsHaveUserInfo',
  'All OAuth2 upstreams have userInfo configured; user identity is resolved from the upstream',
);

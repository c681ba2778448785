import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { HMAC_DIRECTORY, hmacFile, KEY_DIRECTORY, keyFile } from '../secret-places.js';
import { AuthServerConfigError } from '../validation/auth-server-problem.js';
import { deploymentProblem } from '../validation/deployment-problem.js';
import { delegateClientSection, trustedIssuerSection } from './authorization-sections.js';
import type { AuthServerDeployment } from './deployment.js';
import { given } from './given.js';
import type { AuthServerRunConfig, ClientMetadataSection, SigningKeySection } from './run-config.js';
import { storageSection } from './storage-section.js';
import { upstreamSection } from './upstream-section.js';

type Server = Stored<EmbeddedAuthServer>;

/**
 * The run configuration of an embedded authorization server within a workload.
 *
 * `primaryUpstreamProvider` is not in it: it is for whoever authorizes requests. Baseline scopes are taken over as they are;
 * {@link baselineScopesVerdict} judges them.
 *
 * @throws {@link AuthServerConfigError} when a pod would refuse to start with it. The message names the field; where the
 *   structure stands in the spec is for the caller to say.
 */
export function authServerRunConfig(server: Server, deployment: AuthServerDeployment): AuthServerRunConfig {
  const problem = deploymentProblem(server, deployment);
  if (problem !== undefined) throw new AuthServerConfigError(problem);
  const { tokenLifespans, upstreamProviders = [], trustedIssuers = [], delegateClients = [] } = server;
  return {
    schema_version: 'v0.1.0',
    issuer: server.issuer ?? '',
    ...given({
      authorization_endpoint_base_url: server.authorizationEndpointBaseUrl,
      signing_key_config: signingKeySection(server.signingKeySecretRefs?.length ?? 0),
      hmac_secret_files: server.hmacSecretRefs?.map((_, index) => `${HMAC_DIRECTORY}/${hmacFile(index)}`),
      token_lifespans: tokenLifespans && {
        ...given({
          access_token_lifespan: tokenLifespans.accessTokenLifespan,
          refresh_token_lifespan: tokenLifespans.refreshTokenLifespan,
          auth_code_lifespan: tokenLifespans.authCodeLifespan,
        }),
      },
    }),
    upstreams: upstreamProviders.map((upstream) => upstreamSection(upstream, deployment.resourceUrl)),
    ...given({
      scopes_supported: deployment.scopesSupported,
      baseline_client_scopes: server.baselineClientScopes,
    }),
    allowed_audiences: deployment.allowedAudiences,
    ...given({
      storage: storageSection(server, deployment),
      disable_upstream_token_injection: server.disableUpstreamTokenInjection,
      cimd: clientMetadataSection(server.cimd),
      insecure_allow_http: server.insecureAllowHTTP,
      trusted_issuers: trustedIssuers.map(trustedIssuerSection),
      allow_confidential_client_registration: server.allowConfidentialClientRegistration,
      force_confidential_redirect_uris: server.forceConfidentialRedirectUris,
      insecure_allow_confidential_over_loopback_http: server.insecureAllowConfidentialOverLoopbackHTTP,
      delegate_clients: delegateClients.map(delegateClientSection),
    }),
  };
}

function signingKeySection(keys: number): SigningKeySection | undefined {
  if (keys === 0) return undefined;
  const [signing = '', ...fallbacks] = Array.from({ length: keys }, (_, index) => keyFile(index));
  return { key_dir: KEY_DIRECTORY, signing_key_file: signing, ...given({ fallback_key_files: fallbacks }) };
}

function clientMetadataSection(cimd: Server['cimd']): ClientMetadataSection | undefined {
  if (cimd?.enabled !== true) return undefined;
  return {
    enabled: true,
    ...given({ cache_max_size: cimd.cacheMaxSize, cache_fallback_ttl: cimd.cacheFallbackTtl }),
  };
}

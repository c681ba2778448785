import type { Stored } from '@trueup/core';
import type { AuthServerDeployment } from '../run-config/deployment.js';
import { storageProblem } from '../run-config/storage-section.js';
import { effectiveRedirectUri } from '../run-config/upstream-section.js';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { audienceUriProblem } from './audience-uri-problem.js';
import { quoted, type AuthServerProblem, type ItemProblem } from './auth-server-problem.js';
import { confidentialClientsProblem } from './confidential-clients-problem.js';
import { delegateClientsProblem } from './delegate-clients-problem.js';
import { oauth2ClientProblem } from './oauth2-problem.js';
import { redirectUriProblem } from './redirect-uri-problem.js';
import { authServerProblem } from './server-problem.js';
import { trustedIssuerUrlsProblem } from './trusted-issuer-urls-problem.js';
import { boundResourcesProblem, trustedIssuersProblem } from './trusted-issuers-problem.js';
import { allowsHttp } from './upstream-settings-problem.js';

type Server = Stored<EmbeddedAuthServer>;

/**
 * The first thing that keeps an embedded authorization server from running in a workload: in the server itself, or in what
 * the workload makes of it. Baseline scopes are not looked at: they have a condition of their own.
 */
export function deploymentProblem(server: Server, deployment: AuthServerDeployment): AuthServerProblem | undefined {
  const { allowedAudiences } = deployment;
  return (
    delegateSecretsProblem(server) ??
    upstreamClientsProblem(server) ??
    prefixed('failed to build storage config: ', atStorage(storageProblem(server.storage ?? {}))) ??
    prefixed(
      'invalid embedded auth server delegate clients or trusted issuers: ',
      delegationProblem(server, deployment),
    ) ??
    prefixed('invalid run config: ', authServerProblem(server) ?? audiencesProblem(allowedAudiences)) ??
    redirectUrisProblem(server, deployment)
  );
}

function delegateSecretsProblem({ delegateClients = [] }: Server): AuthServerProblem | undefined {
  const index = delegateClients.findIndex(({ clientSecretRef: secret }) => !secret?.name || !secret.key);
  const path = `delegateClients[${index}]`;
  return index < 0 ? undefined : { path, message: `${path}.clientSecretRef.name and clientSecretRef.key are required` };
}

function upstreamClientsProblem({ upstreamProviders = [] }: Server): AuthServerProblem | undefined {
  for (const [index, { name = '', type, oauth2Config }] of upstreamProviders.entries()) {
    const problem = type === 'oauth2' && oauth2Config ? oauth2ClientProblem(oauth2Config) : undefined;
    if (problem !== undefined) {
      return { path: `upstreamProviders[${index}]`, message: `upstream ${quoted(name)}: ${problem}` };
    }
  }
  return undefined;
}

/** What clients are known beforehand and which issuers are trusted, held against what the workload is good for. */
function delegationProblem(server: Server, deployment: AuthServerDeployment): AuthServerProblem | undefined {
  const { issuer = '', delegateClients = [], trustedIssuers = [] } = server;
  if (delegateClients.length === 0 && trustedIssuers.length === 0) return undefined;
  const { allowedAudiences, scopesSupported } = deployment;
  return (
    audiencesProblem(allowedAudiences) ??
    delegateClientsProblem(delegateClients, { allowedAudiences, scopesSupported }) ??
    atTrustedIssuer(
      trustedIssuerUrlsProblem(trustedIssuers) ??
        trustedIssuersProblem(trustedIssuers, issuer, allowedAudiences) ??
        boundResourcesProblem(trustedIssuers, allowedAudiences),
    ) ??
    confidentialClientsProblem(server)
  );
}

function audiencesProblem(audiences: readonly string[]): AuthServerProblem | undefined {
  for (const audience of audiences) {
    if (audience === '') return { path: '', message: 'allowed_audiences must not contain an empty audience' };
    const problem = audienceUriProblem(audience);
    if (problem !== undefined) {
      return { path: '', message: `allowed_audiences contains invalid audience ${quoted(audience)}: ${problem}` };
    }
  }
  return undefined;
}

/** A provider that clients are registered with has a default of its own, below the issuer. */
function redirectUrisProblem(server: Server, { resourceUrl }: AuthServerDeployment): AuthServerProblem | undefined {
  for (const [index, upstream] of (server.upstreamProviders ?? []).entries()) {
    const { name = '', oauth2Config } = upstream;
    const redirectUri = effectiveRedirectUri(upstream, resourceUrl);
    const isRequired = oauth2Config?.dcrConfig === undefined;
    const problem =
      redirectUri === undefined
        ? isRequired && 'redirect_uri is required'
        : redirectUriProblem(redirectUri, allowsHttp(server, upstream) ? 'http' : 'strict');
    if (problem) return { path: `upstreamProviders[${index}]`, message: `upstream ${quoted(name)}: ${problem}` };
  }
  return undefined;
}

function atStorage(message: string | undefined): AuthServerProblem | undefined {
  return message === undefined ? undefined : { path: 'storage', message };
}

function atTrustedIssuer(problem: ItemProblem | undefined): AuthServerProblem | undefined {
  return problem && { path: `trustedIssuers[${problem.index}]`, message: `trusted_issuers: ${problem.message}` };
}

function prefixed(prefix: string, problem: AuthServerProblem | undefined): AuthServerProblem | undefined {
  return problem && { ...problem, message: `${prefix}${problem.message}` };
}

import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { storageProblem } from '../run-config/storage-section.js';
import type { AuthServerProblem, ItemProblem } from './auth-server-problem.js';
import { confidentialClientsProblem, forcedConfidentialProblem } from './confidential-clients-problem.js';
import { delegateClientsProblem } from './delegate-clients-problem.js';
import { isLoopbackHost } from './network-address.js';
import { serverUrlProblem } from './server-url-problem.js';
import { clientMetadataProblem, lifespansProblem } from './timing-problem.js';
import { trustedIssuerUrlsProblem } from './trusted-issuer-urls-problem.js';
import { trustedIssuersProblem } from './trusted-issuers-problem.js';
import { upstreamSettingsProblem } from './upstream-settings-problem.js';
import { upstreamNamesProblem, upstreamsProblem } from './upstreams-problem.js';
import { parseUri } from './uri.js';

type Server = Stored<EmbeddedAuthServer>;

/**
 * The first thing wrong with an embedded authorization server in itself, whatever workload runs it; undefined when nothing
 * is. Nothing is looked up: neither Secrets nor other servers.
 */
export function authServerProblem(server: Server): AuthServerProblem | undefined {
  const { upstreamProviders = [], trustedIssuers = [], delegateClients = [], storage = {} } = server;
  if (upstreamProviders.length === 0) {
    return { path: 'upstreamProviders', message: 'at least one upstream provider is required' };
  }
  return (
    confidentialClientsProblem(server) ??
    forcedConfidentialProblem(server) ??
    ofTrustedIssuer(trustedIssuersProblem(trustedIssuers, server.issuer ?? '', [])) ??
    upstreamsProblem(upstreamProviders) ??
    // The rules above are those of the operator this one replaces, in its order; without the following a pod does not start.
    issuerProblem(server) ??
    authorizationEndpointProblem(server) ??
    upstreamNamesProblem(upstreamProviders) ??
    upstreamSettingsProblem(server) ??
    delegateClientsProblem(delegateClients) ??
    ofTrustedIssuer(trustedIssuerUrlsProblem(trustedIssuers)) ??
    lifespansProblem(server) ??
    clientMetadataProblem(server) ??
    ofStorage(storageProblem(storage))
  );
}

/** True for an issuer without TLS that neither stands on this very machine nor is asked for. */
export function isPlainHttpIssuer({ issuer = '', insecureAllowHTTP }: Server): boolean {
  const url = parseUri(issuer);
  return url?.scheme === 'http' && !isLoopbackHost(url.host) && insecureAllowHTTP !== true;
}

function issuerProblem({ issuer = '', ...server }: Server): AuthServerProblem | undefined {
  const problem = ownUrlProblem(issuer, server);
  return problem === undefined ? undefined : { path: 'issuer', message: `issuer: ${problem}` };
}

function authorizationEndpointProblem({
  authorizationEndpointBaseUrl: url = '',
  ...server
}: Server): AuthServerProblem | undefined {
  const problem = url === '' ? undefined : ownUrlProblem(url, server);
  return problem === undefined
    ? undefined
    : { path: 'authorizationEndpointBaseUrl', message: `authorization_endpoint_base_url: ${problem}` };
}

function ownUrlProblem(url: string, { insecureAllowHTTP }: Server): string | undefined {
  const allowsHttp = insecureAllowHTTP === true;
  return serverUrlProblem(url, { allowsHttp, allowsLoopbackHttp: true, allowsTrailingSlash: false });
}

function ofTrustedIssuer(problem: ItemProblem | undefined): AuthServerProblem | undefined {
  return problem && { path: `trustedIssuers[${problem.index}]`, message: `trustedIssuers: ${problem.message}` };
}

function ofStorage(problem: string | undefined): AuthServerProblem | undefined {
  return problem === undefined ? undefined : { path: 'storage', message: `storage: ${problem}` };
}

import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { quoted, type AuthServerProblem } from './auth-server-problem.js';
import { isLoopbackHost } from './network-address.js';
import { isLoopbackUri, redirectUriProblem } from './redirect-uri-problem.js';
import { parseUri } from './uri.js';

type Server = Stored<EmbeddedAuthServer>;

const WHY = 'confidential clients would send secrets over cleartext HTTP';

/** Whoever gives out or takes secrets must not do it over plain HTTP. */
export function confidentialClientsProblem(server: Server): AuthServerProblem | undefined {
  const trigger = triggerOf(server);
  if (trigger === undefined) return undefined;
  const problem = (message: string) => ({
    path: trigger.path,
    message: `${trigger.name} cannot be combined with ${message}`,
  });
  if (server.insecureAllowHTTP === true) return problem(`insecure_allow_http: ${WHY}`);
  const { issuer = '' } = server;
  if (server.insecureAllowConfidentialOverLoopbackHTTP === true || !isPlainLoopback(issuer)) return undefined;
  return problem(
    `a plain-HTTP loopback issuer (${quoted(issuer)}) unless insecure_allow_confidential_over_loopback_http is set: ${WHY}`,
  );
}

function triggerOf({ allowConfidentialClientRegistration, delegateClients = [] }: Server) {
  if (allowConfidentialClientRegistration === true) {
    return { path: 'allowConfidentialClientRegistration', name: 'allow_confidential_client_registration' };
  }
  return delegateClients.length > 0 ? { path: 'delegateClients', name: 'delegate_clients' } : undefined;
}

function isPlainLoopback(issuer: string): boolean {
  const url = parseUri(issuer);
  return url?.scheme === 'http' && isLoopbackHost(url.host);
}

/** Clients that are given a secret unasked must be able to keep it. */
export function forcedConfidentialProblem(server: Server): AuthServerProblem | undefined {
  const { allowConfidentialClientRegistration, forceConfidentialRedirectUris: uris = [] } = server;
  const name = 'force_confidential_redirect_uris';
  const problem = (path: string, message: string) => ({ path, message: `${name}${message}` });
  if (uris.length > 0 && allowConfidentialClientRegistration !== true) {
    return problem('forceConfidentialRedirectUris', ' requires allow_confidential_client_registration to be true');
  }
  for (const [index, uri] of uris.entries()) {
    const path = `forceConfidentialRedirectUris[${index}]`;
    const wrong = redirectUriProblem(uri, 'strict');
    if (wrong !== undefined) return problem(path, `: ${quoted(uri)}: ${wrong}`);
    if (isLoopbackUri(uri)) {
      return problem(
        path,
        `: ${quoted(uri)} must not be a loopback redirect URI; a loopback client is a public client by construction and must not be issued a secret`,
      );
    }
  }
  return undefined;
}

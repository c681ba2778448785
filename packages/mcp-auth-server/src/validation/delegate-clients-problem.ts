import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { supportedScopesOf } from '../baseline-scopes.js';
import { quoted, type AuthServerProblem } from './auth-server-problem.js';

type DelegateClient = Stored<NonNullable<EmbeddedAuthServer['delegateClients']>[number]>;

/** Begins the names of clients that a server makes up; it refuses to register others by such a name. */
const SYNTHETIC = 'synthetic:';

/** What a workload lets delegate clients ask for; unknown as long as no workload is looked at. */
export interface DelegationLimits {
  readonly scopesSupported: readonly string[] | undefined;
  readonly allowedAudiences: readonly string[];
}

/** The first thing wrong with the clients that are known beforehand. */
export function delegateClientsProblem(
  clients: readonly DelegateClient[],
  limits?: DelegationLimits,
): AuthServerProblem | undefined {
  for (const [index, client] of clients.entries()) {
    const { clientId } = client;
    const isRepeated = clients.findIndex((other) => other.clientId === clientId) < index;
    const message = clientProblem(client, isRepeated) ?? (limits && limitProblem(client, limits));
    if (message !== undefined) return { path: `delegateClients[${index}]`, message: `delegate_clients${message}` };
  }
  return undefined;
}

function clientProblem(client: DelegateClient, isRepeated: boolean): string | undefined {
  const { clientId = '', clientSecretRef: secret, scopes = [], audiences = [] } = client;
  if (clientId === '') return ': client_id is required';
  if (isRepeated) return `: duplicate client_id ${quoted(clientId)}`;
  const of = `: client_id ${quoted(clientId)}`;
  if (!secret?.name || !secret.key) return `${of}: client_secret_file or client_secret_env_var is required`;
  if (clientId.startsWith(SYNTHETIC))
    return `${of}: begins with "${SYNTHETIC}", as only clients do that the server makes up`;
  if (scopes.length === 0) return `${of}: scopes is required`;
  return audiences.length === 0 ? `${of}: audiences is required` : undefined;
}

function limitProblem(client: DelegateClient, limits: DelegationLimits): string | undefined {
  const { clientId = '', scopes = [], audiences = [] } = client;
  const supported = supportedScopesOf(limits.scopesSupported);
  const scope = scopes.find((candidate) => !supported.includes(candidate));
  if (scope !== undefined) return `[${clientId}].scopes contains ${quoted(scope)} which is not in scopes_supported`;
  const audience = audiences.find((candidate) => !limits.allowedAudiences.includes(candidate));
  return audience === undefined
    ? undefined
    : `: client_id ${quoted(clientId)}: audience ${quoted(audience)} is not in allowed_audiences`;
}

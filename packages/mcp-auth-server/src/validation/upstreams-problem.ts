import type { Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { quoted, type AuthServerProblem } from './auth-server-problem.js';
import { oauth2Problem } from './oauth2-problem.js';

type Upstream = Stored<EmbeddedAuthServer['upstreamProviders'][number]>;

/** Parameters of an authorization request that the server itself decides about. */
const RESERVED_PARAMETERS = [
  'response_type',
  'client_id',
  'redirect_uri',
  'scope',
  'state',
  'code_challenge',
  'code_challenge_method',
  'nonce',
];

/** The name of an upstream that is the only one and has none. */
const DEFAULT_NAME = 'default';

/** The first thing wrong with the shape of the providers that a server sends users to. */
export function upstreamsProblem(upstreams: readonly Upstream[]): AuthServerProblem | undefined {
  for (const [index, upstream] of upstreams.entries()) {
    const isRepeated = upstreams.findIndex(({ name }) => name === upstream.name) < index;
    const path = `upstreamProviders[${index}]`;
    const problem = isRepeated ? `duplicate name ${quoted(upstream.name ?? '')}` : shapeProblem(upstream);
    if (problem !== undefined) return { path, message: `${path}: ${problem}` };
    const reserved = reservedParameterProblem(upstream);
    const parameters = `${path}.additionalAuthorizationParams`;
    if (reserved !== undefined) return { path: parameters, message: `${parameters}: ${reserved}` };
  }
  return undefined;
}

/** The first name that does not tell one provider from several others. */
export function upstreamNamesProblem(upstreams: readonly Upstream[]): AuthServerProblem | undefined {
  for (const [index, { name = '' }] of upstreams.entries()) {
    const message = nameProblem(name, upstreams.length > 1);
    if (message !== undefined) {
      return { path: `upstreamProviders[${index}].name`, message: `upstream[${index}]: ${message}` };
    }
  }
  return undefined;
}

function nameProblem(name: string, isOneOfSeveral: boolean): string | undefined {
  if (isOneOfSeveral && name === '') return 'name must be explicitly set when multiple upstreams are configured';
  if (isOneOfSeveral && name === DEFAULT_NAME) {
    return `name "${DEFAULT_NAME}" is reserved for single-upstream configs; use a descriptive name`;
  }
  return name === '' || /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)
    ? undefined
    : `name ${quoted(name)} must match ^[a-z0-9]([a-z0-9-]*[a-z0-9])?$ (lowercase alphanumeric and hyphens)`;
}

function shapeProblem({ type, oidcConfig, oauth2Config }: Upstream): string | undefined {
  if (type === 'oidc' && oidcConfig !== undefined && oauth2Config === undefined) return undefined;
  if (type === 'oauth2' && oauth2Config !== undefined && oidcConfig === undefined) return oauth2Problem(oauth2Config);
  return "type must be 'oidc' or 'oauth2'; oidcConfig must be set when type is 'oidc' and oauth2Config must be set when type is 'oauth2' (and the other must not be set)";
}

/** Names the smallest one, so that the message stays the same. */
function reservedParameterProblem({ oidcConfig, oauth2Config }: Upstream): string | undefined {
  const given = oidcConfig?.additionalAuthorizationParams ?? oauth2Config?.additionalAuthorizationParams ?? {};
  const [reserved] = Object.keys(given)
    .filter((parameter) => RESERVED_PARAMETERS.includes(parameter))
    .sort();
  return reserved && `reserved parameter ${quoted(reserved)} is managed by the framework and cannot be overridden`;
}

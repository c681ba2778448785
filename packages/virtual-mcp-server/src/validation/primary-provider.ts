import { verdict, type Verdict } from '@trueup/core';
import { upstreamNames } from '../backends/subject-provider.js';
import type { StoredServer } from '../stored-server.js';
import type { Refusal } from './refusal.js';

type Spec = StoredServer['spec'];

/** The upstream provider whose claims policies are to look at. */
interface PrimaryProvider {
  readonly name: string;
  /** Named in the field that `spec.authServerConfig.primaryUpstreamProvider` has replaced. */
  readonly isDeprecated: boolean;
}

/** The provider that the spec names; undefined when it leaves the choice to us. */
export function primaryProvider({ authServerConfig, incomingAuth }: Spec): PrimaryProvider | undefined {
  const name = authServerConfig?.primaryUpstreamProvider;
  if (name) return { name, isDeprecated: false };
  const deprecated = incomingAuth?.authzConfig?.inline?.primaryUpstreamProvider;
  return deprecated ? { name: deprecated, isDeprecated: true } : undefined;
}

/** Says why policies could not look at the claims of the provider that the spec names. */
export function primaryProviderProblem(server: StoredServer): Refusal | undefined {
  const { spec } = server;
  if (!isAuthorized(spec)) return undefined;
  const explicit = primaryProvider(spec);
  if (spec.authServerConfig === undefined) {
    return explicit && { reason: 'AuthzPrimaryProviderRequiresAuthServer', message: requiresAuthServer(explicit.name) };
  }
  const upstreams = upstreamNames(server);
  if (upstreams.length === 0) return { reason: 'AuthzRequiresUpstream', message: REQUIRES_UPSTREAM };
  if (explicit === undefined || upstreams.includes(explicit.name)) return undefined;
  return { reason: 'AuthzUpstreamUnknown', message: unknownUpstream(explicit.name) };
}

/** The condition `AuthzUpstreamSelectionWarning`: among several upstreams, the first is taken for want of another word. */
export function upstreamSelectionWarning(server: StoredServer): Verdict {
  const { spec } = server;
  const [first, ...others] = upstreamNames(server);
  if (!isAuthorized(spec) || first === undefined || others.length === 0 || primaryProvider(spec) !== undefined) {
    return verdict.absent;
  }
  return verdict.true(
    'AuthzUpstreamAutoSelected',
    `multiple upstreamProviders configured; Cedar policies will evaluate claims from the first upstream (${JSON.stringify(first)}). ` +
      'If another upstream should be authoritative, set spec.authServerConfig.primaryUpstreamProvider explicitly, or remove or reorder the list.',
  );
}

function isAuthorized({ incomingAuth }: Spec): boolean {
  return incomingAuth?.authzConfig !== undefined || incomingAuth?.authzConfigRef !== undefined;
}

const requiresAuthServer = (name: string) =>
  `primaryUpstreamProvider=${JSON.stringify(name)} is set but spec.authServerConfig is not configured. ` +
  'The field names an upstream IDP on the embedded auth server, which is required for it to take effect. ' +
  'Remove primaryUpstreamProvider, or configure spec.authServerConfig with an upstream of that name.';

const REQUIRES_UPSTREAM =
  'spec.authServerConfig is set but has no upstream providers, and spec.incomingAuth.authzConfig references claims. ' +
  'Cedar would evaluate against the ToolHive-issued AS token rather than the upstream IDP token. ' +
  'Configure spec.authServerConfig.upstreamProviders with at least one upstream IDP, or remove authServerConfig if clients will present IdP tokens directly.';

const unknownUpstream = (name: string) =>
  `primaryUpstreamProvider=${JSON.stringify(name)} does not match any upstream declared on spec.authServerConfig.upstreamProviders. ` +
  'Set primaryUpstreamProvider to one of the configured upstream names, or leave it empty to default to the first upstream.';

import { SpecError, type Context, type EnvVar, type Verdict } from '@trueup/core';
import {
  authServerEnv,
  authServerRunConfig,
  authServerVolumeMounts,
  authServerVolumes,
  baselineScopesVerdict,
  type AuthServerDeployment,
  type AuthServerRunConfig,
} from '@trueup/mcp-auth-server';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import type { ProxiedKind, ProxiedWorkload } from '../proxied-workload.js';
import type { MountedVolume } from '../proxy/proxy-deployment.js';
import { strippedTokenProblem } from '../run-config/middleware.js';
import { createRunConfig } from '../stages.js';

/** The authorization server that runs in a proxy. */
export interface ProxyAuthServer {
  readonly section: AuthServerRunConfig;
  readonly env: readonly EnvVar[];
  readonly volumes: readonly MountedVolume[];
}

/**
 * The condition `BaselineScopesValid`, a gate: False while the authorization server would refuse to start for the scopes it
 * gives to every client; absent without one.
 *
 * @throws {@link SpecError} that `AuthServerRefValidated` shows, when two references are good each and do not go together.
 */
export function baselineScopesValid<W extends ProxiedWorkload>(
  { spec }: W,
  references: Pick<Context, 'reference'>,
  proxied: ProxiedKind<W>,
): Verdict {
  requireCompatibleAuth(references, proxied);
  const config = embeddingConfig(references, proxied);
  return baselineScopesVerdict(config?.spec.embeddedAuthServer, spec.oidcConfigRef?.scopes);
}

/**
 * The authorization server that a workload refers to, by `authServerRef` or else by `externalAuthConfigRef`; undefined when
 * it refers to none.
 *
 * @throws {@link SpecError} for one that cannot be run, which the reference is not accepted for.
 */
export function embeddedAuthServerOf<W extends ProxiedWorkload>(
  workload: W,
  references: Pick<Context, 'reference'>,
  proxied: ProxiedKind<W>,
): ProxyAuthServer | undefined {
  const server = embeddingConfig(references, proxied)?.spec.embeddedAuthServer;
  if (server === undefined) return undefined;
  const mounts = new Map(authServerVolumeMounts(server).map(({ name, ...mount }) => [name, mount]));
  return {
    section: authServerRunConfig(server, authServerDeployment(workload, proxied.proxyUrl(workload))),
    env: authServerEnv(server),
    volumes: authServerVolumes(server).flatMap((volume) => {
      const mount = mounts.get(volume.name);
      return mount === undefined ? [] : [{ volume, mount }];
    }),
  };
}

/** What the proxy of a workload says about the authorization server in it. */
export function authServerDeployment(
  { metadata: { name, namespace = '' }, spec: { oidcConfigRef } }: Pick<ProxiedWorkload, 'metadata' | 'spec'>,
  proxyUrl: string,
): AuthServerDeployment {
  const resourceUrl = oidcConfigRef?.resourceUrl || proxyUrl;
  return {
    namespace,
    name,
    resourceUrl,
    allowedAudiences: [resourceUrl],
    ...(oidcConfigRef?.scopes && { scopesSupported: oidcConfigRef.scopes }),
  };
}

/** The config as it is now, whatever is said of it. */
function embeddingConfig<W extends ProxiedWorkload>(
  references: Pick<Context, 'reference'>,
  { references: { authServerRef, externalAuthRef } }: ProxiedKind<W>,
): MCPExternalAuthConfig | undefined {
  for (const ref of [authServerRef, externalAuthRef]) {
    const resolved = references.reference(ref);
    if (resolved.state !== 'none' && resolved.config?.spec.type === 'embeddedAuthServer') return resolved.config;
  }
  return undefined;
}

const TWO_SERVERS =
  'conflict: both authServerRef and externalAuthConfigRef reference an embedded auth server; ' +
  'use authServerRef for the embedded auth server and externalAuthConfigRef for outgoing auth only';

function requireCompatibleAuth<W extends ProxiedWorkload>(
  references: Pick<Context, 'reference'>,
  { kind, references: { authServerRef, externalAuthRef } }: ProxiedKind<W>,
): void {
  const server = references.reference(authServerRef);
  const outgoing = references.reference(externalAuthRef);
  // A config that is being judged anew still is what it is: its edit must not make the verdict flap.
  const isThere = outgoing.state === 'usable' || (outgoing.state === 'unusable' && outgoing.cause === 'stale');
  if (server.state !== 'usable' || !isThere || outgoing.config === undefined) return;
  const { type } = outgoing.config.spec;
  const isStripped = server.config.spec.embeddedAuthServer?.disableUpstreamTokenInjection === true;
  const conflict =
    type === 'embeddedAuthServer'
      ? { step: 'failed to process authServerRef: ', message: TWO_SERVERS }
      : isStripped && (type === 'tokenExchange' || type === 'awsSts')
        ? { step: 'failed to populate middleware configs: ', message: strippedTokenProblem(type) }
        : undefined;
  if (conflict === undefined) return;
  throw new SpecError(`${createRunConfig(kind.resource.kind)}${conflict.step}${conflict.message}`, {
    condition: { type: authServerRef.condition, reason: 'AuthServerRefInvalidConfig' },
    conditionMessage: conflict.message,
  });
}

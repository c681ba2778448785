import { contentRefsOf, isSpecError, type ContentRef, type Context } from '@trueup/core';
import {
  authServerEnv,
  authServerIntegrationProblem,
  authServerProblem,
  authServerRunConfig,
  authServerVolumeMounts,
  authServerVolumes,
  isPlainHttpIssuer,
  keyMaterialProblem,
  under,
  type AuthServerDeployment,
  type AuthServerRunConfig,
} from '@trueup/mcp-auth-server';
import type { ResolvedOidc } from '@trueup/mcp-oidc-config';
import type { ConfigDocument } from '../config-document/format/config-document.js';
import { upstreamInjects } from '../config-document/upstream-injects.js';
import type { VirtualMCPServer } from '../resource.js';
import { CONVERT } from '../stages.js';
import type { StoredServer } from '../stored-server.js';
import type { Refusal } from './refusal.js';

const FIELD = 'spec.authServerConfig';
const INVALID = 'AuthServerConfigInvalid';

/** What is wrong with the embedded authorization server that the spec alone shows. */
export function authServerSpecProblem({ spec }: StoredServer): Refusal | undefined {
  const { authServerConfig: server, replicas } = spec;
  if (server === undefined) return undefined;
  const message =
    (server.issuer ? undefined : `${FIELD}.issuer is required`) ??
    (isPlainHttpIssuer(server) ? plainHttp(server.issuer ?? '') : undefined) ??
    (server.upstreamProviders?.length ? undefined : `${FIELD}.upstreamProviders is required`) ??
    staticProblem(server) ??
    keyMaterialProblem(server, replicas, FIELD);
  return message === undefined ? undefined : { reason: INVALID, message };
}

function staticProblem(server: NonNullable<StoredServer['spec']['authServerConfig']>): string | undefined {
  const problem = authServerProblem(server);
  return problem && under(FIELD, problem);
}

function plainHttp(issuer: string): string {
  return (
    `${FIELD}.issuer ${JSON.stringify(issuer)} uses http:// with a non-localhost host; set ${FIELD}.insecureAllowHTTP: true ` +
    'to allow this for trusted in-cluster deployments, or use https:// for production deployments'
  );
}

/** The first Secret key that is missing without which the authorization server does not start. */
export function authServerSecretProblem({ spec }: StoredServer, ctx: Pick<Context, 'contents'>): Refusal | undefined {
  const { authServerConfig: server } = spec;
  if (server === undefined) return undefined;
  const [missing] = ctx.contents(secretsOf(server)).missing;
  if (missing === undefined) return undefined;
  const { name, key = '' } = missing;
  return {
    reason: 'AuthServerSecretNotFound',
    message: `${FIELD} references Secret ${JSON.stringify(name)} key ${JSON.stringify(key)} which does not exist`,
  };
}

/** Those of delegate clients are looked for with the other secrets of clients. */
function secretsOf(server: NonNullable<StoredServer['spec']['authServerConfig']>): readonly ContentRef[] {
  const env = authServerEnv(server).filter(({ name }) => !name.startsWith('TOOLHIVE_DELEGATE_CLIENT_SECRET_'));
  const container = { name: 'any', env, volumeMounts: authServerVolumeMounts(server) };
  return contentRefsOf({ containers: [container], volumes: authServerVolumes(server) });
}

/**
 * The run configuration of the embedded authorization server; undefined without one.
 * @throws {@link SpecError} when none can be made.
 */
export function authServerConfiguration(
  { metadata, spec }: VirtualMCPServer,
  oidc: ResolvedOidc | undefined,
): AuthServerRunConfig | undefined {
  if (spec.authServerConfig === undefined) return undefined;
  const { name, namespace = '' } = metadata;
  const resourceUrl = oidc?.resourceUrl ?? '';
  const deployment: AuthServerDeployment = {
    name,
    namespace,
    allowedAudiences: resourceUrl === '' ? [] : [resourceUrl],
    ...(oidc && oidc.scopes.length > 0 && { scopesSupported: oidc.scopes }),
    ...(resourceUrl !== '' && { resourceUrl }),
  };
  return authServerRunConfig(spec.authServerConfig, deployment);
}

/** What keeps the authorization server from running, or from working together with the rest of the server. */
export function authServerIntegration(
  server: VirtualMCPServer,
  document: ConfigDocument,
  oidc: ResolvedOidc | undefined,
): Refusal | undefined {
  const problem = integrationProblem(server, document, oidc) ?? runConfigProblem(server, oidc);
  return problem === undefined ? undefined : { reason: INVALID, message: problem };
}

/** Asked first: a resource that is none makes the run configuration impossible, too, and that says less. */
function integrationProblem(
  { spec: { authServerConfig } }: VirtualMCPServer,
  document: ConfigDocument,
  oidc: ResolvedOidc | undefined,
): string | undefined {
  const { incomingAuth } = document;
  const problem = authServerIntegrationProblem({
    runConfig: authServerConfig && {
      issuer: authServerConfig.issuer,
      upstreams: authServerConfig.upstreamProviders,
      allowed_audiences: oidc?.resourceUrl ? [oidc.resourceUrl] : [],
    },
    incomingOidc: incomingAuth.type === 'oidc' ? incomingAuth.oidc : undefined,
    upstreamInjects: upstreamInjects(document),
  });
  return problem && `invalid auth server integration: ${problem}`;
}

function runConfigProblem(server: VirtualMCPServer, oidc: ResolvedOidc | undefined): string | undefined {
  try {
    authServerConfiguration(server, oidc);
    return undefined;
  } catch (error) {
    if (!isSpecError(error)) throw error;
    const hasDelegates = (server.spec.authServerConfig?.delegateClients ?? []).length > 0;
    return hasDelegates
      ? `invalid delegate clients in ${FIELD}: ${error.message}`
      : `${CONVERT}failed to convert auth server config: ${error.message}`;
  }
}

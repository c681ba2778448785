import { isSpecError, verdict, type Context, type StatedVerdict } from '@trueup/core';
import type { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import {
  authzSection,
  headerForwardProblem,
  inlineAuthzSection,
  missingContents,
  readConfigMap,
  remoteUrlProblem,
  requireSoundPolicies,
  validSpec,
  type AuthzSection,
} from '@trueup/mcp-workload';
import { MCPRemoteProxy } from './resource.js';

/** Why a proxy cannot be run as it is configured. */
export interface ConfigurationProblem {
  /** Of the condition `ConfigurationValid`. */
  readonly reason: string;
  readonly message: string;
}

/** What was found of `spec.authzConfig`: what it says, or what is wrong with it. Neither when it says nothing. */
export interface AuthzFinding {
  readonly section?: AuthzSection;
  readonly problem?: ConfigurationProblem;
}

/** What was found of the things that a spec says itself, other than by reference. */
export interface Configuration {
  readonly url: ConfigurationProblem | undefined;
  readonly authz: AuthzFinding;
  readonly headers: ConfigurationProblem | undefined;
  readonly headerSecrets: ConfigurationProblem | undefined;
}

/**
 * Looks at everything that a spec says itself. The Secrets and the ConfigMap it names are watched from here on.
 * @throws {@link SpecError} for a spec that was stored before the schema said how it must be.
 */
export async function configurationOf(
  stored: MCPRemoteProxy,
  ctx: Context,
  authorizers: AuthorizerRegistry,
): Promise<Configuration> {
  const url = urlProblem(stored);
  const proxy = { ...stored, spec: validSpec(MCPRemoteProxy, url === undefined ? stored.spec : withUrl(stored.spec)) };
  return {
    url,
    authz: await authzFinding(proxy, ctx, authorizers),
    headers: asProblem('RestrictedHeader', headerForwardProblem(proxy.spec.headerForward)),
    headerSecrets: asProblem('HeaderSecretNotFound', await headerSecretsProblem(proxy, ctx)),
  };
}

/** The first problem, in the order in which they are told. */
export function configurationProblem(found: Configuration): ConfigurationProblem | undefined {
  return found.url ?? found.authz.problem ?? found.headers ?? found.headerSecrets;
}

/** The condition `ConfigurationValid`, a gate. */
export function configurationValid(found: Configuration): StatedVerdict {
  const problem = configurationProblem(found);
  return problem === undefined
    ? verdict.true('ConfigurationValid', 'All configuration validations passed')
    : verdict.false(problem.reason, problem.message);
}

/** The condition `AuthConfigured`: who may do what is known, and so are the credentials for the remote server. */
export function authConfigured({ authz, headerSecrets }: Configuration): StatedVerdict {
  const problem = authz.problem ?? headerSecrets;
  return problem === undefined
    ? verdict.true('AuthValid', 'Authentication configuration is valid')
    : verdict.false('AuthInvalid', problem.message);
}

function asProblem(reason: string, message: string | undefined): ConfigurationProblem | undefined {
  return message === undefined ? undefined : { reason, message };
}

function urlProblem({ spec }: MCPRemoteProxy): ConfigurationProblem | undefined {
  const { remoteUrl }: { remoteUrl?: unknown } = spec;
  return asProblem('RemoteURLInvalid', remoteUrlProblem(typeof remoteUrl === 'string' ? remoteUrl : '', spec));
}

/** What else is wrong is found as if the URL were fine: it is told already. */
function withUrl(spec: MCPRemoteProxy['spec']): unknown {
  return Object.assign({}, spec, { remoteUrl: 'https://mcp.invalid' });
}

const CEDAR = 'cedarv1';

async function authzFinding(
  { metadata: { namespace = '' }, spec: { authzConfig } }: MCPRemoteProxy,
  ctx: Context,
  authorizers: AuthorizerRegistry,
): Promise<AuthzFinding> {
  if (authzConfig === undefined) return {};
  const { inline, configMap: named } = authzConfig;
  if (authzConfig.type === 'inline' && inline !== undefined) {
    const section = inlineAuthzSection(inline, authzConfig);
    const assessment = await authorizers.assess({ type: CEDAR, config: section['cedar'] }, ctx.signal);
    return assessment.usable
      ? { section }
      : { problem: { reason: 'AuthzPolicySyntaxInvalid', message: assessment.problem } };
  }
  const quoted = JSON.stringify(named?.name ?? '');
  const configMap = named && (await readConfigMap(named, namespace, ctx));
  if (named && configMap === undefined) {
    const message = `authorization ConfigMap ${quoted} not found in namespace ${JSON.stringify(namespace)}`;
    return { problem: { reason: 'AuthzConfigMapNotFound', message } };
  }
  const invalid = (cause: string): AuthzFinding => ({
    problem: { reason: 'AuthzConfigMapInvalid', message: `authorization ConfigMap ${quoted} is invalid: ${cause}` },
  });
  try {
    const section = authzSection({ authzConfig, namespace, configMap });
    if (section.type !== CEDAR) return invalid(`authz ConfigMap ${quoted} is not a Cedar config: cedar config is nil`);
    await requireSoundPolicies(section, { authzConfig, namespace }, authorizers, ctx.signal);
    return { section };
  } catch (error) {
    if (isSpecError(error)) return invalid(error.message);
    throw error;
  }
}

async function headerSecretsProblem(
  { metadata: { namespace = '' }, spec: { headerForward } }: MCPRemoteProxy,
  ctx: Context,
): Promise<string | undefined> {
  const refs = (headerForward?.addHeadersFromSecret ?? []).map(({ headerName, valueSecretRef: { name, key } }) => ({
    kind: 'Secret' as const,
    name,
    key,
    header: headerName,
  }));
  const [first] = await missingContents(refs, namespace, ctx);
  if (first === undefined) return undefined;
  const { name, key, header, missing } = first;
  const secret = `secret "${name}" referenced for header "${header}"`;
  return missing === 'object' ? `${secret} not found in namespace "${namespace}"` : `${secret} has no key "${key}"`;
}

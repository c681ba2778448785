import { SpecError, type ConfigMap, type Context } from '@trueup/core';
import { formatName } from '@trueup/kube';
import type { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import { withinAsync } from '../error-prefix.js';
import type { ProxiedWorkload } from '../proxied-workload.js';
import { readConfigMap } from '../read-config-map.js';
import { inlineAuthzSection, parsedAuthzSection } from '../run-config/authz.js';
import type { AuthzSection } from '../run-config/sections.js';
import type { ProxySpec } from '../schemas/proxy-fields.js';
import { createRunConfig } from '../stages.js';

type AuthzConfig = NonNullable<ProxySpec['authzConfig']>;

/** `spec.authzConfig` of a workload, and the ConfigMap it names. */
export interface AuthzSource {
  readonly authzConfig: AuthzConfig;
  readonly namespace: string;
  /** Undefined when it does not exist, or none is named. */
  readonly configMap: ConfigMap | undefined;
}

/**
 * What `spec.authzConfig` of a workload says; undefined when it says nothing. The ConfigMap it names is watched from here on.
 * @throws {@link SpecError} when it cannot be read, or a proxy could not go by it.
 */
export async function authzOf(
  { kind, metadata: { namespace = '' }, spec: { authzConfig } }: ProxiedWorkload,
  ctx: Context,
  authorizers: AuthorizerRegistry,
): Promise<AuthzSection | undefined> {
  if (authzConfig === undefined) return undefined;
  const configMap = authzConfig.configMap && (await readConfigMap(authzConfig.configMap, namespace, ctx));
  return withinAsync(`${createRunConfig(kind)}failed to process AuthzConfig: `, async () => {
    const section = authzSection({ authzConfig, namespace, configMap });
    await requireSoundPolicies(section, { authzConfig, namespace }, authorizers, ctx.signal);
    return section;
  });
}

/**
 * The section of the run configuration that says who may do what.
 * @throws {@link SpecError} when it cannot be read.
 */
export function authzSection({ authzConfig, namespace, configMap }: AuthzSource): AuthzSection {
  if (authzConfig.type === 'inline') {
    if (authzConfig.inline === undefined) {
      throw new SpecError('inline authz config type specified but inline config is nil');
    }
    return inlineAuthzSection(authzConfig.inline, authzConfig);
  }
  if (!authzConfig.configMap?.name) {
    throw new SpecError('configMap authz config type specified but reference is missing name');
  }
  const { name, key } = authzConfig.configMap;
  const place = `ConfigMap ${formatName({ namespace, name })}`;
  if (configMap === undefined) throw new SpecError(`failed to get Authz ${place}: ConfigMap "${name}" not found`);
  const text = configMap.data?.[key];
  if (text === undefined) throw new SpecError(`authz ${place} is missing key "${key}"`);
  if (text.trim() === '') throw new SpecError(`authz ${place} key "${key}" is empty`);
  return parsedAuthzSection(text, `${place} key "${key}"`, authzConfig);
}

/**
 * Makes sure that a proxy can go by the policies: one that does not parse would keep it from starting.
 * @throws {@link SpecError} naming the policy and what is wrong with it.
 */
export async function requireSoundPolicies(
  section: AuthzSection,
  { authzConfig, namespace }: Pick<AuthzSource, 'authzConfig' | 'namespace'>,
  authorizers: AuthorizerRegistry,
  signal: AbortSignal,
): Promise<void> {
  const assessment = await authorizers.assessFull(section, signal);
  if (assessment.usable) return;
  const { configMap } = authzConfig;
  const source =
    configMap === undefined
      ? 'spec.authzConfig.inline'
      : `ConfigMap ${formatName({ namespace, name: configMap.name })} key "${configMap.key}"`;
  throw new SpecError(`invalid authz config from ${source}: ${assessment.problem}`);
}

import { SpecError } from '@trueup/core';
import { formatName } from '@trueup/kube';
import type { AuthorizerRegistry } from '@trueup/mcp-authz-config';
import { inlineAuthzSection, parsedAuthzSection, within, type AuthzSection } from '@trueup/mcp-workload';
import type { FindConfigMap } from './config-maps.js';
import type { MCPServer } from './resource.js';
import { CREATE_RUN_CONFIG } from './stages.js';

const PROCESS = `${CREATE_RUN_CONFIG}failed to process AuthzConfig: `;

/**
 * What `spec.authzConfig` says about who may do what; undefined when the spec says nothing.
 * @throws {@link SpecError} when it cannot be read.
 */
export function authzSection(
  server: MCPServer,
  { authzConfig }: MCPServer['spec'],
  configMap: FindConfigMap,
): AuthzSection | undefined {
  if (authzConfig === undefined) return undefined;
  return within(PROCESS, () => sectionOf(server, authzConfig, configMap));
}

/**
 * Makes sure that a proxy can go by the policies: one that does not parse would keep it from starting.
 * @throws {@link SpecError} naming the policy and what is wrong with it.
 */
export async function requireSoundPolicies(
  section: AuthzSection,
  server: MCPServer,
  authorizers: AuthorizerRegistry,
  signal: AbortSignal,
): Promise<void> {
  const assessment = await authorizers.assessFull(section, signal);
  if (assessment.usable) return;
  const source = describeSource(server);
  throw new SpecError(`${PROCESS}invalid authz config from ${source}: ${assessment.problem}`);
}

type AuthzConfig = NonNullable<MCPServer['spec']['authzConfig']>;

function sectionOf({ metadata }: MCPServer, authzConfig: AuthzConfig, configMap: FindConfigMap): AuthzSection {
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
  const place = `ConfigMap ${formatName({ ...metadata, name })}`;
  const found = configMap(name);
  if (found === undefined) throw new SpecError(`failed to get Authz ${place}: ConfigMap "${name}" not found`);
  const text = found.data?.[key];
  if (text === undefined) throw new SpecError(`authz ${place} is missing key "${key}"`);
  if (text.trim() === '') throw new SpecError(`authz ${place} key "${key}" is empty`);
  return parsedAuthzSection(text, `${place} key "${key}"`, authzConfig);
}

function describeSource({ metadata, spec: { authzConfig } }: MCPServer): string {
  if (authzConfig?.configMap === undefined) return 'spec.authzConfig.inline';
  const { name, key } = authzConfig.configMap;
  return `ConfigMap ${formatName({ ...metadata, name })} key "${key}"`;
}

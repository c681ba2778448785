import { validateSpec } from '@trueup/core';
import { refillPeriodProblem } from '@trueup/mcp-workload';
import { compositeToolProblem } from '@trueup/virtual-mcp-composite-tool-definition';
import { nameProblem } from '../names.js';
import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';
import { validSpec } from './valid-spec.js';

type Spec = StoredServer['spec'];
type BackendAuth = NonNullable<Spec['outgoingAuth']>['default'];

/**
 * The first thing wrong with a server that needs nothing else to be seen, in words for its author; undefined when nothing is.
 * The API server has checked some of it on every write since the schema was installed; objects may have been stored before.
 */
export function specProblem(server: StoredServer): string | undefined {
  const { metadata, spec } = server;
  return (
    groupProblem(spec) ??
    outgoingAuthProblem(spec) ??
    aggregationProblem(spec) ??
    compositeToolsProblem(spec) ??
    optimizerProblem(spec) ??
    nameProblem(metadata.name) ??
    incomingAuthProblem(spec) ??
    schemaProblem(spec) ??
    rateLimitProblem(server)
  );
}

function groupProblem({ groupRef }: Spec): string | undefined {
  return groupRef?.name ? undefined : 'spec.groupRef.name is required';
}

function outgoingAuthProblem({ outgoingAuth: { default: fallback, backends = {} } = {} }: Spec): string | undefined {
  const places = Object.keys(backends)
    .sort()
    .map((name) => [`spec.outgoingAuth.backends[${name}]`, backends[name]] as const);
  const all = fallback === undefined ? places : [['spec.outgoingAuth.default', fallback] as const, ...places];
  return firstOf(all, ([path, auth]) => backendAuthProblem(path, auth));
}

function backendAuthProblem(path: string, auth: BackendAuth): string | undefined {
  switch (auth?.type || '') {
    case '':
      return `${path}.type is required`;
    case 'discovered':
      return undefined;
    case 'externalAuthConfigRef': {
      const ref = auth?.externalAuthConfigRef;
      if (ref === undefined) {
        return `${path}.externalAuthConfigRef is required when type is externalAuthConfigRef`;
      }
      return ref.name ? undefined : `${path}.externalAuthConfigRef.name is required`;
    }
    default:
      return `${path}.type must be one of: discovered, externalAuthConfigRef`;
  }
}

const STRATEGIES: readonly string[] = ['prefix', 'priority', 'manual'];

function aggregationProblem({ config: { aggregation = {} } = {} }: Spec): string | undefined {
  const { conflictResolution = '', conflictResolutionConfig: { priorityOrder = [] } = {}, tools = [] } = aggregation;
  if (conflictResolution !== '' && !STRATEGIES.includes(conflictResolution)) {
    return `config.aggregation.conflictResolution must be one of: ${STRATEGIES.join(', ')}`;
  }
  if (conflictResolution === 'priority' && priorityOrder.length === 0) {
    return 'config.aggregation.conflictResolutionConfig.priorityOrder is required when conflictResolution is priority';
  }
  return firstOf(tools, ({ workload, toolConfigRef }, index) => {
    if (!workload) return `config.aggregation.tools[${index}].workload is required`;
    if (toolConfigRef === undefined || toolConfigRef.name) return undefined;
    return `config.aggregation.tools[${index}].toolConfigRef.name is required when toolConfigRef is specified`;
  });
}

function compositeToolsProblem({ config: { compositeTools = [] } = {} }: Spec): string | undefined {
  const names = compositeTools.map(({ name = '' }) => name);
  return firstOf(compositeTools, (tool, index) => {
    const path = `spec.config.compositeTools[${index}]`;
    const name = names[index] ?? '';
    if (name !== '' && names.indexOf(name) < index) return `${path}.name ${JSON.stringify(name)} is duplicated`;
    return compositeToolProblem(tool, path);
  });
}

function optimizerProblem({ embeddingServerRef, config: { optimizer } = {}, incomingAuth }: Spec): string | undefined {
  if (embeddingServerRef !== undefined && !embeddingServerRef.name) return 'spec.embeddingServerRef.name is required';
  if (optimizer !== undefined && embeddingServerRef === undefined && !optimizer.embeddingService) {
    return 'spec.config.optimizer requires an embedding service: set spec.embeddingServerRef (recommended) or spec.config.optimizer.embeddingService';
  }
  const isSearched = optimizer !== undefined || embeddingServerRef !== undefined;
  const isAuthorized = incomingAuth?.authzConfig !== undefined || incomingAuth?.authzConfigRef !== undefined;
  return isSearched && isAuthorized ? 'optimizer and incomingAuth authorization cannot be combined' : undefined;
}

function incomingAuthProblem({ incomingAuth }: Spec): string | undefined {
  if (incomingAuth?.type === 'oidc' && !incomingAuth.oidcConfigRef?.name) {
    return 'spec.incomingAuth.oidcConfigRef is required when type is oidc';
  }
  if (incomingAuth?.authzConfig !== undefined && incomingAuth.authzConfigRef !== undefined) {
    return 'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig';
  }
  return undefined;
}

function schemaProblem(spec: Spec): string | undefined {
  const [problem] = validateSpec(VirtualMCPServer, spec);
  return problem && `${problem.path}: ${problem.message}`;
}

function rateLimitProblem(server: StoredServer): string | undefined {
  const limits = validSpec(server)?.config?.rateLimiting;
  const problem = limits && refillPeriodProblem(limits);
  return problem && `spec.config.${problem}`;
}

function firstOf<T>(items: readonly T[], problem: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const found = problem(item, index);
    if (found !== undefined) return found;
  }
  return undefined;
}

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { StoredServer } from '../stored-server.js';
import { compositeToolRefsValidated } from './composite-tools.js';
import { primaryProviderProblem, upstreamSelectionWarning } from './primary-provider.js';
import { specProblem } from './spec-problem.js';
import { authServerSpecProblem } from './auth-server.js';

const server = (spec: object, name = 'v') =>
  ({
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'VirtualMCPServer',
    metadata: { name, namespace: 'n' },
    spec,
  }) as StoredServer;

const minimal = { groupRef: { name: 'g' }, incomingAuth: { type: 'anonymous' } };
const ref = (name?: string) => ({ type: 'externalAuthConfigRef', externalAuthConfigRef: { name } });
const tool = (name: string, more: object = {}) => ({
  name,
  description: 'd',
  steps: [{ id: 'a', tool: 'github.search' }],
  ...more,
});

describe('what is wrong with a server', () => {
  it.each([
    { what: 'the smallest one', spec: {} },
    { what: 'one that leaves its backends to themselves', spec: { outgoingAuth: { default: { type: 'discovered' } } } },
    { what: 'search with a service of its own', spec: { config: { optimizer: { embeddingService: 'http://e' } } } },
    { what: 'search with an EmbeddingServer', spec: { embeddingServerRef: { name: 'e' }, config: { optimizer: {} } } },
    { what: 'priorities in order', spec: aggregation({ conflictResolutionConfig: { priorityOrder: ['a'] } }) },
    { what: 'workflows', spec: { config: { compositeTools: [tool('one'), tool('two')] } } },
    { what: 'the longest name there may be', name: 'a'.repeat(58), spec: {} },
  ])('is nothing: $what', ({ spec, name }) => {
    expect(specProblem(server({ ...minimal, ...spec }, name))).toBeUndefined();
  });

  it.each([
    { spec: { groupRef: undefined }, problem: 'spec.groupRef.name is required' },
    { spec: { groupRef: { name: '' } }, problem: 'spec.groupRef.name is required' },
    {
      spec: { outgoingAuth: { backends: { b: {}, a: { type: '' } } } },
      problem: 'spec.outgoingAuth.backends[a].type is required',
    },
    {
      spec: { outgoingAuth: { backends: { a: { type: 'externalAuthConfigRef' } } } },
      problem: 'spec.outgoingAuth.backends[a].externalAuthConfigRef is required when type is externalAuthConfigRef',
    },
    {
      spec: { outgoingAuth: { backends: { a: ref('') } } },
      problem: 'spec.outgoingAuth.backends[a].externalAuthConfigRef.name is required',
    },
    {
      spec: { outgoingAuth: { backends: { a: { type: 'odd' } } } },
      problem: 'spec.outgoingAuth.backends[a].type must be one of: discovered, externalAuthConfigRef',
    },
    {
      spec: { outgoingAuth: { default: ref(), backends: { a: {} } } },
      problem: 'spec.outgoingAuth.default.externalAuthConfigRef.name is required',
    },
    {
      spec: { config: { aggregation: { conflictResolution: 'zzz' } } },
      problem: 'config.aggregation.conflictResolution must be one of: prefix, priority, manual',
    },
    {
      spec: aggregation({ conflictResolutionConfig: {} }),
      problem:
        'config.aggregation.conflictResolutionConfig.priorityOrder is required when conflictResolution is priority',
    },
    {
      spec: aggregation({}),
      problem:
        'config.aggregation.conflictResolutionConfig.priorityOrder is required when conflictResolution is priority',
    },
    {
      spec: { config: { aggregation: { tools: [{ workload: 'a' }, { workload: '' }] } } },
      problem: 'config.aggregation.tools[1].workload is required',
    },
    {
      spec: { config: { aggregation: { tools: [{ workload: 'a', toolConfigRef: { name: '' } }] } } },
      problem: 'config.aggregation.tools[0].toolConfigRef.name is required when toolConfigRef is specified',
    },
    {
      spec: { config: { compositeTools: [tool('one'), tool('one')] } },
      problem: 'spec.config.compositeTools[1].name "one" is duplicated',
    },
    {
      spec: { config: { compositeTools: [tool('one', { description: '' })] } },
      problem: 'validation failed: spec.config.compositeTools[0].description is required',
    },
    { spec: { embeddingServerRef: { name: '' } }, problem: 'spec.embeddingServerRef.name is required' },
    {
      spec: { config: { optimizer: {} } },
      problem:
        'spec.config.optimizer requires an embedding service: set spec.embeddingServerRef (recommended) or spec.config.optimizer.embeddingService',
    },
    {
      spec: {
        embeddingServerRef: { name: 'e' },
        incomingAuth: { type: 'anonymous', authzConfigRef: { name: 'a' } },
      },
      problem: 'optimizer and incomingAuth authorization cannot be combined',
    },
    {
      spec: {},
      name: 'a'.repeat(59),
      problem: `the name "${'a'.repeat(59)}" has 59 characters; the objects made for it need one of at most 58, create the server under a shorter name`,
    },
    {
      spec: {},
      name: 'a.b',
      problem: 'the name "a.b" contains a dot, which names of Services cannot; create the server under another name',
    },
    {
      spec: { incomingAuth: { type: 'oidc' } },
      problem: 'spec.incomingAuth.oidcConfigRef is required when type is oidc',
    },
    { spec: { replicas: -1 }, problem: 'spec.replicas: Too small: expected number to be >=0' },
    {
      spec: { config: { rateLimiting: { shared: { maxTokens: 1, refillPeriod: '0s' } } } },
      problem: 'spec.config.rateLimiting.shared.refillPeriod: 0s must be greater than zero',
    },
  ])('is told: $problem', ({ spec, name, problem }) => {
    expect(specProblem(server({ ...minimal, ...spec }, name))).toBe(problem);
  });

  it('is told of the first, in the order of the spec, and always the same', () => {
    const spec = {
      ...minimal,
      outgoingAuth: { backends: { z: { type: 'odd' }, a: { type: 'odd' } } },
      config: { aggregation: { conflictResolution: 'zzz' } },
    };
    expect(specProblem(server(spec))).toMatch(/^spec.outgoingAuth.backends\[a\]/);
  });

  function aggregation(settings: object) {
    return { config: { aggregation: { conflictResolution: 'priority', ...settings } } };
  }
});

describe('the upstream whose claims policies look at', () => {
  const authz = { type: 'inline', inline: { policies: ['permit(principal, action, resource);'] } };
  const deprecated = (name: string) => ({ ...authz, inline: { ...authz.inline, primaryUpstreamProvider: name } });
  const upstreams = (...names: (string | undefined)[]) => ({ upstreamProviders: names.map((name) => ({ name })) });

  it.each([
    { authServerConfig: undefined, incomingAuth: { authzConfig: authz } },
    { authServerConfig: upstreams('okta'), incomingAuth: { authzConfig: authz } },
    { authServerConfig: upstreams('okta'), incomingAuth: { authzConfig: deprecated('okta') } },
    { authServerConfig: upstreams(undefined), incomingAuth: { authzConfig: deprecated('default') } },
    { authServerConfig: { ...upstreams('a'), primaryUpstreamProvider: 'zzz' }, incomingAuth: {} },
    {
      authServerConfig: { ...upstreams('a', 'b'), primaryUpstreamProvider: 'b' },
      incomingAuth: { authzConfigRef: { name: 'c' } },
    },
    {
      authServerConfig: upstreams('a', 'b'),
      incomingAuth: { authzConfig: authz },
      warning: 'AuthzUpstreamAutoSelected',
    },
    {
      authServerConfig: upstreams('a', 'b'),
      incomingAuth: { authzConfigRef: { name: 'c' } },
      warning: 'AuthzUpstreamAutoSelected',
    },
    {
      authServerConfig: { ...upstreams('a'), primaryUpstreamProvider: 'zzz' },
      incomingAuth: { authzConfigRef: { name: 'c' } },
      reason: 'AuthzUpstreamUnknown',
    },
    {
      authServerConfig: upstreams('a'),
      incomingAuth: { authzConfig: deprecated('zzz') },
      reason: 'AuthzUpstreamUnknown',
    },
    { authServerConfig: upstreams(), incomingAuth: { authzConfig: authz }, reason: 'AuthzRequiresUpstream' },
    {
      authServerConfig: undefined,
      incomingAuth: { authzConfig: deprecated('okta') },
      reason: 'AuthzPrimaryProviderRequiresAuthServer',
    },
  ])('$#: refused with $reason, warned of with $warning', ({ reason, warning, ...spec }) => {
    const stored = server(spec);
    expect(primaryProviderProblem(stored)?.reason).toBe(reason);
    const warned = upstreamSelectionWarning(stored);
    expect(warned.kind === 'stated' ? warned.reason : undefined).toBe(warning);
  });
});

describe('the checks of a spec', () => {
  const anything = fc.object({
    key: fc.constantFrom(
      ...['groupRef', 'name', 'incomingAuth', 'type', 'authzConfig', 'inline', 'policies', 'oidcConfigRef', 'backends'],
      ...['outgoingAuth', 'default', 'config', 'aggregation', 'tools', 'compositeTools', 'compositeToolRefs', 'steps'],
      ...['authServerConfig', 'upstreamProviders', 'issuer', 'delegateClients', 'storage', 'optimizer', 'rateLimiting'],
    ),
    values: [fc.constantFrom('', 'a', 'inline', 'oidc', 'https://a.example.com'), fc.integer(), fc.constant(undefined)],
    maxDepth: 4,
  });

  it('answer for whatever is stored, so far as it has the types the API server has checked', () => {
    fc.assert(
      fc.property(anything, (spec) => {
        const stored = server(shaped(spec));
        const problem = specProblem(stored);
        expect(['string', 'undefined']).toContain(typeof problem);
        primaryProviderProblem(stored);
        upstreamSelectionWarning(stored);
        authServerSpecProblem(stored);
        compositeToolRefsValidated(stored, { get: () => undefined });
      }),
    );
  });

  /** Lists are lists and objects objects: that much holds of everything that is stored. */
  function shaped(spec: unknown): object {
    const lists = [
      'tools',
      'compositeTools',
      'compositeToolRefs',
      'steps',
      'upstreamProviders',
      'delegateClients',
      'policies',
    ];
    const texts = ['name', 'type', 'issuer'];
    const entries = Object.entries(isObject(spec) ? spec : {}).flatMap(([key, value]): [string, unknown][] => {
      if (texts.includes(key)) return [[key, typeof value === 'string' ? value : 'a']];
      if (!lists.includes(key)) return isObject(value) ? [[key, shaped(value)]] : [];
      const items = Array.isArray(value) ? value : Object.values(isObject(value) ? value : {});
      return [[key, key === 'policies' ? items.map(String) : items.filter(isObject).map(shaped)]];
    });
    return Object.fromEntries(entries);
  }

  function isObject(value: unknown): value is object {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  }
});

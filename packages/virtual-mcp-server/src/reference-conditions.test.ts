import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { defineModule, findCondition, type Kind } from '@trueup/core';
import { MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig } from '@trueup/mcp-tool-config';
import { Harness } from '@trueup/testing';
import '@trueup/testing/matchers';
import { VirtualMCPServerReconciler } from './reconciler.js';
import { VirtualMCPServer } from './resource.js';

/** What a place in the spec that names a config makes of what becomes of the config. */
interface Place {
  readonly place: string;
  readonly kind: Kind;
  /** A spec of the config that the API server takes, and another. */
  readonly configs: readonly [object, object];
  /** What the server's spec has in addition, given the name of the config. */
  readonly names: (config: string) => object;
  /** A merge patch that takes it out again. */
  readonly forgets: object;
  readonly condition: (config: string) => string;
  readonly hash?: string;
  /** While it is broken the server is `Failed`. */
  readonly isGate: boolean;
  readonly says: Readonly<
    Record<
      'valid' | 'notFound' | 'pending' | 'invalid',
      (config: string, namespace: string) => readonly [string, string]
    >
  >;
}

const notFoundError = (kind: string, name: string) => `${kind}.toolhive.stacklok.dev "${name}" not found`;

const places: readonly Place[] = [
  {
    place: 'spec.incomingAuth.oidcConfigRef',
    kind: MCPOIDCConfig,
    configs: [
      { type: 'inline', inline: { issuer: 'https://idp.example.com' } },
      { type: 'inline', inline: { issuer: 'https://other.example.com' } },
    ],
    names: (name) => ({ incomingAuth: { type: 'oidc', oidcConfigRef: { name, audience: 'vmcp' } } }),
    forgets: { incomingAuth: { type: 'anonymous', oidcConfigRef: null } },
    condition: () => 'OIDCConfigRefValidated',
    hash: 'oidcConfigHash',
    isGate: true,
    says: {
      valid: (name) => ['OIDCConfigRefValid', `MCPOIDCConfig ${name} is valid and ready`],
      notFound: (name, namespace) => [
        'OIDCConfigRefNotFound',
        `MCPOIDCConfig ${name} not found: failed to get MCPOIDCConfig ${namespace}/${name}: ${notFoundError('MCPOIDCConfig', name)}`,
      ],
      pending: (name) => ['OIDCConfigRefPending', `MCPOIDCConfig ${name} has not been validated yet`],
      invalid: (name) => ['OIDCConfigRefNotValid', `MCPOIDCConfig ${name} is not valid: no good`],
    },
  },
  {
    place: 'spec.incomingAuth.authzConfigRef',
    kind: MCPAuthzConfig,
    configs: [
      { type: 'cedarv1', config: { policies: ['permit(principal, action, resource);'] } },
      { type: 'cedarv1', config: { policies: [] } },
    ],
    names: (name) => ({ incomingAuth: { type: 'anonymous', authzConfigRef: { name } } }),
    forgets: { incomingAuth: { authzConfigRef: null } },
    condition: () => 'AuthzConfigRefValidated',
    hash: 'authzConfigHash',
    isGate: true,
    says: {
      valid: (name) => ['AuthzConfigRefValid', `MCPAuthzConfig ${name} is valid and ready`],
      notFound: (name, namespace) => [
        'AuthzConfigRefNotFound',
        `MCPAuthzConfig ${name} not found: failed to get MCPAuthzConfig ${namespace}/${name}: ${notFoundError('MCPAuthzConfig', name)}`,
      ],
      pending: (name) => ['AuthzConfigRefPending', `MCPAuthzConfig ${name} has not been validated yet`],
      invalid: (name) => ['AuthzConfigRefNotValid', `MCPAuthzConfig ${name} is not valid: no good`],
    },
  },
  {
    place: 'spec.telemetryConfigRef',
    kind: MCPTelemetryConfig,
    configs: [{ prometheus: { enabled: true } }, { prometheus: { enabled: false } }],
    names: (name) => ({ telemetryConfigRef: { name } }),
    forgets: { telemetryConfigRef: null },
    condition: () => 'TelemetryConfigRefValidated',
    hash: 'telemetryConfigHash',
    isGate: true,
    says: {
      valid: (name) => ['TelemetryConfigRefValid', `MCPTelemetryConfig ${name} is valid`],
      notFound: (name) => ['TelemetryConfigRefNotFound', `MCPTelemetryConfig ${name} not found`],
      pending: (name) => ['TelemetryConfigRefPending', `MCPTelemetryConfig ${name} has not been validated yet`],
      invalid: (name) => ['TelemetryConfigRefInvalid', `MCPTelemetryConfig ${name} is invalid: no good`],
    },
  },
  {
    place: 'spec.config.aggregation.tools[].toolConfigRef',
    kind: MCPToolConfig,
    configs: [{ toolsFilter: ['a'] }, { toolsFilter: ['b'] }],
    names: (name) => ({ config: { aggregation: { tools: [{ workload: 'github', toolConfigRef: { name } }] } } }),
    forgets: { config: null },
    condition: (name) => `ToolConfigValidated-${name}`,
    isGate: true,
    says: {
      valid: (name) => ['ToolConfigValid', `MCPToolConfig '${name}' is valid`],
      notFound: (name, namespace) => [
        'ToolConfigNotFound',
        `MCPToolConfig '${name}' not found in namespace '${namespace}'`,
      ],
      pending: (name) => ['ToolConfigPending', `MCPToolConfig ${name} has not been validated yet`],
      invalid: (name) => ['ToolConfigNotValid', `MCPToolConfig '${name}' is not valid: no good`],
    },
  },
  ...(
    [
      { title: 'Default', condition: 'DefaultAuthConfig', at: (auth: object) => ({ default: auth }) },
      {
        title: 'Backend',
        condition: 'BackendAuthConfig-github',
        at: (auth: object) => ({ backends: { github: auth } }),
      },
    ] as const
  ).map(({ title, condition, at }): Place => {
    const failed = (problem: string) => `Failed to convert ${title.toLowerCase()} auth config: ${problem}`;
    return {
      place: `spec.outgoingAuth.${title === 'Default' ? 'default' : 'backends.github'}`,
      kind: MCPExternalAuthConfig,
      configs: [
        { type: 'upstreamInject', upstreamInject: { providerName: 'okta' } },
        { type: 'upstreamInject', upstreamInject: { providerName: 'entra' } },
      ],
      names: (name) => ({ outgoingAuth: at({ type: 'externalAuthConfigRef', externalAuthConfigRef: { name } }) }),
      forgets: { outgoingAuth: null },
      condition: () => condition,
      isGate: false,
      says: {
        valid: () => ['ConversionSucceeded', `${title} auth config is valid`],
        notFound: (name) => [
          'ConversionFailed',
          failed(`failed to get MCPExternalAuthConfig ${name}: ${notFoundError('MCPExternalAuthConfig', name)}`),
        ],
        pending: (name) => ['ExternalAuthConfigPending', `MCPExternalAuthConfig ${name} has not been validated yet`],
        invalid: () => ['NoGood', failed('invalid (NoGood): no good')],
      },
    };
  }),
];

/** The configs are judged by the test, so that every moment of their lives can be looked at. */
const judgedByTheTest = defineModule({
  name: 'virtual-servers-alone',
  kinds: [VirtualMCPServer, MCPAuthzConfig, MCPExternalAuthConfig, MCPOIDCConfig, MCPTelemetryConfig, MCPToolConfig],
  reconcilers: [VirtualMCPServerReconciler],
});

const apiVersion = 'toolhive.stacklok.dev/v1beta1';

describe('the condition of a VirtualMCPServer about', () => {
  let harness: Harness;
  let count = 0;

  beforeAll(async () => {
    harness = await Harness.start({ modules: [judgedByTheTest] });
  });
  afterAll(() => harness.stop());

  describe.each(places)('$place', ({ kind, configs, names, forgets, condition, hash, isGate, says }) => {
    const fresh = () => `n${(count += 1)}`;
    const makeConfig = (name: string, spec: object = configs[0]) =>
      harness.apply({ apiVersion, kind: kind.resource.kind, metadata: { name }, spec });
    /** Plays the controller of the config. */
    const judge = async (name: string, status: 'True' | 'False', { reason = 'NoGood', message = 'no good' } = {}) => {
      const { metadata } = await harness.require(kind, name);
      const valid = { type: 'Valid', status, reason, message, lastTransitionTime: '2026-01-01T00:00:00Z' };
      const conditions = [{ ...valid, observedGeneration: metadata.generation }];
      await harness.patchStatus(kind, name, { conditions, configHash: `hash-${metadata.generation}` });
      await harness.settle();
    };
    const makeServer = async (config: string) => {
      const spec = { groupRef: { name: 'g' }, incomingAuth: { type: 'anonymous' }, ...names(config) };
      await harness.apply({ apiVersion, kind: 'VirtualMCPServer', metadata: { name: `v-${config}` }, spec });
      await harness.settle();
    };
    const edit = async (config: string, patch: object) => {
      await harness.patch(VirtualMCPServer, `v-${config}`, { spec: patch });
      await harness.settle();
    };
    const server = (config: string) => harness.require(VirtualMCPServer, `v-${config}`);
    const statusOf = async (config: string) => (await server(config)).status;
    const hashOf = async (config: string) =>
      hash === undefined ? undefined : { ...(await server(config)).status }[hash as 'oidcConfigHash'];
    const expectCondition = async (name: string, status: 'True' | 'False' | 'Unknown', words: keyof typeof says) => {
      const [reason, message] = says[words](name, harness.namespace);
      const found = await server(name);
      expect(found).toHaveCondition(condition(name), {
        status,
        reason,
        message,
        ...(found.metadata.generation === undefined ? {} : { observedGeneration: found.metadata.generation }),
      });
      return findCondition(found.status?.conditions, condition(name));
    };

    it('says NotFound, and heals when the config comes and is judged', async () => {
      const name = fresh();
      await makeServer(name);
      await expectCondition(name, 'False', 'notFound');
      expect((await statusOf(name))?.phase).toBe(isGate ? 'Failed' : 'Pending');
      await makeConfig(name);
      await harness.settle();
      await expectCondition(name, 'Unknown', 'pending');
      expect(await server(name)).toHaveCondition('Ready', { status: 'False', reason: 'DeploymentNotReady' });
      await judge(name, 'True');
      await expectCondition(name, 'True', 'valid');
      expect(await hashOf(name)).toBe(hash && 'hash-1');
      expect(await statusOf(name)).toMatchObject({ phase: 'Pending', message: 'No pods found for Virtual MCP server' });
    });

    it('shows why the config is invalid, follows it while it is, keeps the hash, and heals', async () => {
      const name = fresh();
      await makeConfig(name);
      await judge(name, 'True');
      await makeServer(name);
      await judge(name, 'False');
      const before = await expectCondition(name, 'False', 'invalid');
      expect(await hashOf(name)).toBe(hash && 'hash-1');
      expect(await server(name)).toHaveCondition('Ready', {
        status: 'False',
        reason: isGate ? String(before?.reason) : 'DeploymentNotReady',
      });
      expect((await statusOf(name))?.message).toBe(isGate ? before?.message : 'No pods found for Virtual MCP server');

      await judge(name, 'False', { reason: 'StillNoGood', message: 'still no good' });
      const after = findCondition((await statusOf(name))?.conditions, condition(name));
      expect(after).toMatchObject({
        message: expect.stringContaining('still no good'),
        lastTransitionTime: before?.lastTransitionTime,
      });
      await judge(name, 'True');
      await expectCondition(name, 'True', 'valid');
    });

    it('stays as it is while the config is judged anew', async () => {
      const name = fresh();
      await makeConfig(name);
      await judge(name, 'True');
      await makeServer(name);
      const before = await expectCondition(name, 'True', 'valid');
      await makeConfig(name, configs[1]);
      await harness.settle();
      expect(findCondition((await statusOf(name))?.conditions, condition(name))).toEqual(before);
      expect(await hashOf(name)).toBe(hash && 'hash-1');
      await judge(name, 'True');
      expect(await hashOf(name)).toBe(hash && 'hash-2');
    });

    it('goes with its hash when the reference goes, though the config is broken', async () => {
      const name = fresh();
      await makeConfig(name);
      await judge(name, 'True');
      await makeServer(name);
      await judge(name, 'False');
      await edit(name, forgets);
      expect(await server(name)).not.toHaveCondition(condition(name));
      expect(await hashOf(name)).toBeUndefined();
      expect((await statusOf(name))?.phase).toBe('Pending');
    });

    it('is about the config that is named now', async () => {
      const [name, other] = [fresh(), fresh()];
      await makeConfig(name);
      await makeConfig(other);
      await judge(name, 'False');
      await judge(other, 'True');
      await makeServer(name);
      await edit(name, names(other));
      const [reason, message] = says.valid(other, harness.namespace);
      expect(await server(name)).toHaveCondition(condition(other), { status: 'True', reason, message });
      expect((await statusOf(name))?.conditions?.map(({ type }) => type)).toEqual([condition(other), 'Ready']);
    });

    it('says NotFound of a config that is taken away, never what it said before', async () => {
      const name = fresh();
      await makeConfig(name);
      await judge(name, 'False');
      await makeServer(name);
      await harness.delete(kind, name);
      await harness.settle();
      await expectCondition(name, 'False', 'notFound');
    });

    it('carries the generation of the server while the config stays broken', async () => {
      const name = fresh();
      await makeConfig(name);
      await judge(name, 'False');
      await makeServer(name);
      await edit(name, { replicas: 2 });
      expect((await server(name)).metadata.generation).toBe(2);
      await expectCondition(name, 'False', 'invalid');
    });

    it('costs no write when the config is merely touched', async () => {
      const name = fresh();
      await makeConfig(name);
      await judge(name, 'True');
      await makeServer(name);
      harness.forgetWrites();
      await harness.patch(kind, name, { metadata: { labels: { touched: 'yes' } } });
      await harness.settle();
      expect(harness.writes).toEqual([]);
    });
  });
});

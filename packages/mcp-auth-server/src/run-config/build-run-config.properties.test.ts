import { describe, expect, it } from '@jest/globals';
import { defineKind, mistypedField, type Stored } from '@trueup/core';
import { randomSpecs, runs } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import { authServerEnv, authServerVolumeMounts, authServerVolumes } from '../pod-parts.js';
import { embeddedAuthServerSchema, type EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { AuthServerConfigError } from '../validation/auth-server-problem.js';
import { authServerProblem } from '../validation/server-problem.js';
import { authServerRunConfig } from './build-run-config.js';
import type { AuthServerRunConfig } from './run-config.js';

type Server = Stored<EmbeddedAuthServer>;

const Kind = defineKind({
  group: 'test.example.com',
  kind: 'Server',
  versions: { v1: {} },
  spec: embeddedAuthServerSchema,
});

const secret = { name: 's', key: 'k' };
const redis = { addr: 'r:1', tls: { caCertSecretRef: secret }, aclUserConfig: { passwordSecretRef: secret } };
const examples: readonly Server[] = [
  {
    issuer: 'https://as.example.com',
    signingKeySecretRefs: [secret, secret],
    hmacSecretRefs: [secret],
    upstreamProviders: [
      {
        name: 'a-b',
        type: 'oidc',
        oidcConfig: { issuerUrl: 'https://i.example.com', clientId: 'c', clientSecretRef: secret },
      },
      {
        name: 'c',
        type: 'oauth2',
        oauth2Config: {
          authorizationEndpoint: 'https://o/a',
          tokenEndpoint: 'https://o/t',
          dcrConfig: { discoveryUrl: 'https://o/d', initialAccessTokenRef: secret },
        },
      },
    ],
    delegateClients: [
      { clientId: 'd', clientSecretRef: secret, scopes: ['openid'], audiences: ['https://mcp.example.com'] },
    ],
    storage: { type: 'redis', redis: { ...redis, sentinelTls: { caCertSecretRef: secret } } },
  },
  {
    issuer: 'https://as.example.com',
    upstreamProviders: [{ name: 'a', type: 'oidc', oidcConfig: { issuerUrl: 'https://i', clientId: 'c' } }],
    storage: {
      type: 'redis',
      redis: {
        ...redis,
        addr: '',
        sentinelConfig: { masterName: 'm', sentinelAddrs: ['s:1'] },
        sentinelTls: { caCertSecretRef: secret },
      },
    },
  },
];

const deployment = {
  namespace: 'ai',
  name: 'gateway',
  allowedAudiences: ['https://mcp.example.com'],
  resourceUrl: 'https://mcp.example.com',
};

/** A run configuration, or why there is none. */
function built(server: Server): AuthServerRunConfig | AuthServerConfigError {
  try {
    return authServerRunConfig(server, deployment);
  } catch (error) {
    if (error instanceof AuthServerConfigError) return error;
    throw error;
  }
}

/** The texts of a document below keys of this form. */
function textsAt(value: unknown, key: RegExp, isBelow = false): readonly string[] {
  if (typeof value === 'string') return isBelow && value !== '' ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) =>
    textsAt(member, key, Array.isArray(value) ? isBelow : key.test(name)),
  );
}

const sorted = (texts: readonly string[]): readonly string[] => [...texts].sort();

describe('whatever the server', () => {
  const servers = randomSpecs(Kind, { examples }).filter((spec) => mistypedField(Kind, spec) === undefined);

  it('has a run configuration, or a problem that names a field', () => {
    fc.assert(
      fc.property(servers, (server: Server) => {
        const problem = authServerProblem(server);
        const result = built(server);
        if (result instanceof AuthServerConfigError) expect(result.message).not.toBe('');
        else expect(problem).toBeUndefined();
        if (problem !== undefined) expect(problem.path).not.toBe('');
      }),
      { numRuns: runs(100) },
    );
  });

  it('finds in its pod all that its run configuration names, and the pod holds nothing else', () => {
    fc.assert(
      fc.property(servers, (server: Server) => {
        const config = built(server);
        if (config instanceof AuthServerConfigError) return;
        const mounts = authServerVolumeMounts(server);
        expect(sorted(textsAt(config, /_env_var$/))).toEqual(sorted(authServerEnv(server).map(({ name }) => name)));
        const {
          key_dir: directory,
          signing_key_file: key,
          fallback_key_files: keys = [],
        } = config.signing_key_config ?? {};
        const files = [
          ...(key === undefined ? [] : [key, ...keys].map((file) => `${directory}/${file}`)),
          ...(config.hmac_secret_files ?? []),
          ...textsAt(config, /^ca_cert_file$/),
        ];
        expect(sorted(files)).toEqual(sorted(mounts.map(({ mountPath }) => mountPath)));
        expect(mounts.map(({ name }) => name)).toEqual(authServerVolumes(server).map(({ name }) => name));
      }),
      { numRuns: runs(100) },
    );
  });
});

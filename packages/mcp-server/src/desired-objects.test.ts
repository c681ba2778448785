import { describe, expect, it } from '@jest/globals';
import { isSpecError, type ConfigMap, type DesiredObject } from '@trueup/core';
import {
  authzSection,
  decodePodTemplate,
  podTemplateValid,
  primaryProviderIgnored,
  sessionRedis,
  validSpec,
  within,
  WorkloadSettings,
} from '@trueup/mcp-workload';
import { randomSpecs, runs } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import type { z } from 'zod';
import { rateLimitConfigValid, stdioReplicaCapped } from './advisories.js';
import { desiredObjects, type Sources } from './desired-objects.js';
import { MCPServer } from './resource.js';

type Given = Partial<z.input<(typeof MCPServer)['definition']['spec']>>;

const IMAGE = 'ghcr.io/stackloklabs/gofetch/server';

function aServer(name: string, spec: Given = {}, generation = 1): MCPServer {
  const given = {
    apiVersion: 'toolhive.stacklok.dev/v1beta1',
    kind: 'MCPServer',
    metadata: { name, namespace: 'demo', generation },
  };
  return { ...given, spec: MCPServer.definition.spec.parse({ image: IMAGE, ...spec }) };
}

const sources: Sources = {
  settings: new WorkloadSettings({ runnerImage: 'runner:v1' }),
  configs: {},
  authz: undefined,
  redis: undefined,
  openShift: false,
  live: undefined,
  restart: { deployment: {}, podTemplate: {} },
  fieldManager: 'mcpserver-controller',
  profileMap: undefined,
  contents: () => ({ digest: undefined }),
};

type FindConfigMap = (name: string) => ConfigMap | undefined;

function made(
  server: MCPServer,
  { configMap = () => undefined, ...overrides }: Partial<Sources> & { readonly configMap?: FindConfigMap } = {},
): readonly DesiredObject[] {
  const given = { ...sources, ...overrides };
  const { authzConfig, permissionProfile, sessionStorage } = server.spec;
  const source = authzConfig && {
    authzConfig,
    namespace: 'demo',
    configMap: authzConfig.configMap && configMap(authzConfig.configMap.name),
  };
  return desiredObjects(server, {
    ...given,
    profileMap: permissionProfile?.type === 'configmap' ? configMap(permissionProfile.name) : undefined,
    authz:
      source &&
      within(
        'Failed to build configuration: failed to create RunConfig from MCPServer: failed to process AuthzConfig: ',
        () => authzSection(source),
      ),
    redis: sessionRedis(sessionStorage, given.settings.defaultRedis),
  });
}

function the(kind: string, objects: readonly DesiredObject[]): DesiredObject {
  const found = objects.find((object) => object.kind === kind);
  if (found === undefined) throw new Error(`no ${kind} in ${objects.map((object) => object.kind).join(', ')}`);
  return found;
}

const names = (objects: readonly DesiredObject[]) => objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`);
const container = (objects: readonly DesiredObject[]) => pod(objects).containers[0];
const pod = (objects: readonly DesiredObject[]) =>
  (
    the('Deployment', objects) as never as {
      spec: { template: { spec: { containers: Container[]; volumes: { name: string }[] } } };
    }
  ).spec.template.spec;
interface Container {
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string }[];
  readonly volumeMounts: readonly { readonly mountPath: string }[];
}
const envNames = (objects: readonly DesiredObject[]) => container(objects)?.env.map(({ name }) => name);
const runConfig = (objects: readonly DesiredObject[]): Record<string, unknown> => {
  const configMap = objects.find(({ metadata }) => metadata.name.endsWith('-runconfig')) as ConfigMap | undefined;
  return JSON.parse(configMap?.data?.['runconfig.json'] ?? '{}') as Record<string, unknown>;
};

describe('what is made for a server', () => {
  it('is the same for the smallest one as it always was', () => {
    const objects = made(aServer('fetch'));

    expect(names(objects)).toEqual([
      'ServiceAccount/fetch-proxy-runner',
      'Role/fetch-proxy-runner',
      'RoleBinding/fetch-proxy-runner',
      'ServiceAccount/fetch-sa',
      'ConfigMap/fetch-runconfig',
      'Deployment/fetch',
      'Service/mcp-fetch-proxy',
    ]);
    const labels = {
      app: 'mcpserver',
      'app.kubernetes.io/name': 'mcpserver',
      'app.kubernetes.io/instance': 'fetch',
      toolhive: 'true',
      'toolhive-name': 'fetch',
    };
    const checksum = '67b4350b7db5358a93ddca4654588ba312373cc8db0eed61c35c8edab3ec1d14';
    expect(the('Deployment', objects)).toMatchObject({
      metadata: { name: 'fetch', labels },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: {
            labels,
            annotations: {
              'toolhive.stacklok.dev/runconfig-checksum': checksum,
              'toolhive.stacklok.dev/mcpserver-generation': '1',
            },
          },
          spec: {
            serviceAccountName: 'fetch-proxy-runner',
            terminationGracePeriodSeconds: 30,
            containers: [
              {
                name: 'toolhive',
                image: 'runner:v1',
                args: [
                  'run',
                  '--k8s-pod-patch={"metadata":{},"spec":{"containers":[],"serviceAccountName":"fetch-sa"}}',
                  IMAGE,
                ],
                ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
                volumeMounts: [{ name: 'runconfig', mountPath: '/etc/runconfig', readOnly: true }],
              },
            ],
            volumes: [{ name: 'runconfig', configMap: { name: 'fetch-runconfig' } }],
          },
        },
      },
    });
    expect(the('Deployment', objects)).not.toHaveProperty('spec.replicas');
    expect(envNames(objects)).toEqual([
      'THV_MCPSERVER_GENERATION',
      'XDG_CONFIG_HOME',
      'HOME',
      'TOOLHIVE_RUNTIME',
      'UNSTRUCTURED_LOGS',
    ]);
    expect(the('Service', objects)).toMatchObject({
      metadata: { labels },
      spec: {
        selector: labels,
        sessionAffinity: 'ClientIP',
        ports: [{ name: 'http', port: 8080, targetPort: 8080, protocol: 'TCP' }],
      },
    });
  });

  it('carries what the user adds, without giving up what belongs to the operator', () => {
    const objects = made(
      aServer('github', {
        transport: 'streamable-http',
        proxyPort: 9000,
        replicas: 2,
        sessionAffinity: 'None',
        serviceAccount: 'gh-backend',
        resources: { limits: { cpu: '1000m' }, requests: { cpu: '100m', memory: '128Mi' } },
        sessionStorage: { provider: 'redis', address: 'redis:6379', passwordRef: { name: 'redis-sec', key: 'pw' } },
        resourceOverrides: {
          proxyDeployment: {
            labels: { team: 'platform', app: 'ignored' },
            annotations: { 'example.com/a': '1' },
            env: [
              { name: 'HOME', value: '/h' },
              { name: 'TOOLHIVE_SECRET_x', value: 'y' },
            ],
            imagePullSecrets: [{ name: 'regcred' }, { name: 'regcred' }],
            podTemplateMetadataOverrides: { annotations: { 'example.com/pod': 'x' } },
          },
          proxyService: { annotations: { lb: 'nlb' }, labels: { l: '1' } },
        },
      }),
      { settings: new WorkloadSettings({ pullSecrets: ['shared', 'regcred'] }) },
    );

    expect(the('Deployment', objects)).toMatchObject({
      metadata: { labels: { team: 'platform', app: 'mcpserver' }, annotations: { 'example.com/a': '1' } },
      spec: {
        replicas: 2,
        template: {
          metadata: { annotations: { 'example.com/pod': 'x', 'toolhive.stacklok.dev/mcpserver-generation': '1' } },
          spec: {
            imagePullSecrets: [{ name: 'regcred' }, { name: 'shared' }],
            containers: [{ resources: { limits: { cpu: '1' }, requests: { cpu: '100m', memory: '128Mi' } } }],
          },
        },
      },
    });
    expect(envNames(objects)).toEqual([
      'HOME',
      'TOOLHIVE_SECRET_x',
      'THV_SESSION_REDIS_PASSWORD',
      'THV_MCPSERVER_GENERATION',
      'XDG_CONFIG_HOME',
      'TOOLHIVE_RUNTIME',
      'UNSTRUCTURED_LOGS',
      'TOOLHIVE_SECRETS_PROVIDER',
    ]);
    expect(names(objects)).not.toContain('ServiceAccount/github-sa');
    expect(the('ServiceAccount', objects)).toMatchObject({
      imagePullSecrets: [{ name: 'regcred' }, { name: 'shared' }],
    });
    expect(the('Service', objects)).toMatchObject({
      metadata: { annotations: { lb: 'nlb' }, labels: { l: '1', app: 'mcpserver' } },
      spec: { sessionAffinity: 'None', ports: [{ port: 9000, targetPort: 9000 }] },
    });
    expect(container(objects)?.args[1]).toContain('"serviceAccountName":"gh-backend"');
  });

  it('shows inline policies in a ConfigMap of their own', () => {
    const objects = made(
      aServer('fetch', {
        authzConfig: { type: 'inline', inline: { policies: ['permit(principal, action, resource) when { 1 < 2 };'] } },
      }),
    );
    expect(objects.find(({ metadata }) => metadata.name === 'fetch-authz-inline')).toMatchObject({
      metadata: { labels: { 'toolhive.stacklok.io/authz': 'inline', 'toolhive-name': 'fetch' } },
      data: {
        'authz.json':
          '{"cedar":{"entities_json":"[]","policies":["permit(principal, action, resource) when { 1 \\u003c 2 };"]},"type":"cedarv1","version":"1.0"}',
      },
    });
    expect(pod(objects).volumes.at(-1)).toEqual({
      name: 'authz-config',
      configMap: { name: 'fetch-authz-inline', items: [{ key: 'authz.json', path: 'authz.json' }] },
    });
  });

  it('reads policies and the permission profile from ConfigMaps', () => {
    const configMaps: Record<string, Record<string, string>> = {
      policies: {
        'p.yaml': 'version: "1.0"\ntype: cedarv1\ncedar: {policies: ["permit(principal, action, resource);"]}\n',
      },
      profiles: { 'net.json': '{"network":{"outbound":{"allow_host":["example.com"]},"inbound":{}}}' },
    };
    const objects = made(
      aServer('fetch', {
        authzConfig: { type: 'configMap', configMap: { name: 'policies', key: 'p.yaml' }, groupClaimName: 'groups' },
        permissionProfile: { type: 'configmap', name: 'profiles', key: 'net.json' },
      }),
      {
        configMap: (name) => {
          const data = configMaps[name];
          return data && { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
        },
      },
    );
    expect(runConfig(objects)).toMatchObject({
      authz_config: {
        version: '1.0',
        type: 'cedarv1',
        cedar: { policies: ['permit(principal, action, resource);'], entities_json: '', group_claim_name: 'groups' },
      },
      permission_profile: { network: { outbound: { allow_host: ['example.com'] }, inbound: {} } },
    });
    expect(runConfig(objects)).not.toHaveProperty('permission_profile_name_or_path');
    expect(container(objects)?.volumeMounts.map(({ mountPath }) => mountPath)).toEqual([
      '/etc/runconfig',
      '/etc/toolhive/profiles',
      '/etc/toolhive/authz',
    ]);
  });

  it.each([
    ['sse', 'sse', 'sse'],
    ['streamable-http', 'sse', 'streamable-http'],
    ['stdio', 'sse', 'sse'],
    ['stdio', undefined, 'streamable-http'],
  ] as const)('offers transport %s with proxy mode %s as %s', (transport, proxyMode, offered) => {
    expect(runConfig(made(aServer('fetch', { transport, proxyMode })))).toMatchObject({
      transport,
      proxy_mode: offered,
    });
  });

  it('keeps a stdio server to one proxy and one backend', () => {
    const objects = made(aServer('fetch', { replicas: 3, backendReplicas: 3 }));
    expect(the('Deployment', objects)).toMatchObject({ spec: { replicas: 1 } });
    expect(runConfig(objects)).toMatchObject({ scaling_config: { backend_replicas: 1 } });
  });

  it.each([
    ['its own Redis', { provider: 'redis', address: 'own:6379' }, 'own:6379'],
    ["the operator's Redis when it names none", undefined, 'default:6379'],
    ['no Redis when it asks for memory', { provider: 'memory' }, undefined],
  ] as const)('keeps sessions in %s', (_, sessionStorage, address) => {
    const settings = new WorkloadSettings({
      defaultRedis: { address: 'default:6379', passwordRef: { name: 'd', key: 'k' } },
    });
    const objects = made(aServer('fetch', { sessionStorage }), { settings });
    expect(runConfig(objects)['scaling_config']).toEqual(address && { session_redis: { address } });
    expect(envNames(objects)?.includes('THV_SESSION_REDIS_PASSWORD')).toBe(address === 'default:6379');
  });

  it('reads the files that the agent of Vault writes', () => {
    const podTemplateMetadataOverrides = { annotations: { 'vault.hashicorp.com/agent-inject': 'true' } };
    const server = aServer('fetch', { resourceOverrides: { proxyDeployment: { podTemplateMetadataOverrides } } });
    expect(runConfig(made(server))).toMatchObject({ env_file_dir: '/vault/secrets' });
  });

  it('leaves user ids to OpenShift', () => {
    const text = JSON.stringify(made(aServer('fetch'), { openShift: true }));
    expect(text).not.toMatch(/runAsUser|runAsGroup|fsGroup/);
    expect(text).toContain('"runAsNonRoot":true');
  });

  const build = 'Failed to build configuration: ';
  const create = `${build}failed to create RunConfig from MCPServer: `;
  it.each<[string, Given, string]>([
    ['an empty image', { image: '' }, `${build}invalid RunConfig: image is required`],
    [
      'a variable of several lines',
      { env: [{ name: 'A', value: 'x\ny' }] },
      `${build}invalid RunConfig: environment variable value for A contains invalid characters`,
    ],
    [
      'a variable name with =',
      { env: [{ name: 'A=B', value: '' }] },
      `${build}invalid RunConfig: invalid environment variable key: A=B`,
    ],
    [
      'a volume path a shell could misread',
      { volumes: [{ name: 'a', hostPath: '/h;rm', mountPath: '/m' }] },
      `${create}failed to validate run config: invalid volume format: /h;rm:/m (potential command injection detected in path: /h;rm)`,
    ],
    [
      'an unknown built-in profile',
      { permissionProfile: { type: 'builtin', name: 'odd' } },
      `${create}failed to validate run config: unknown builtin permission profile "odd": use none or network, or type configmap`,
    ],
    [
      'a profile that is not there',
      { permissionProfile: { type: 'configmap', name: 'prof', key: 'p' } },
      `${create}failed to validate run config: failed to get permission profile ConfigMap demo/prof: ConfigMap "prof" not found`,
    ],
    [
      'policies that are not there',
      { authzConfig: { type: 'configMap', configMap: { name: 'missing' } } },
      `${create}failed to process AuthzConfig: failed to get Authz ConfigMap demo/missing: ConfigMap "missing" not found`,
    ],
    [
      'rate limits without Redis',
      { rateLimiting: { shared: { maxTokens: 1, refillPeriod: '1s' } } },
      `${create}failed to populate middleware configs: rate limiting requires sessionStorage with provider redis`,
    ],
    [
      'a period that is not a duration',
      {
        rateLimiting: { shared: { maxTokens: 1, refillPeriod: 'often' } },
        sessionStorage: { provider: 'redis', address: 'r:6379' },
      },
      `${create}spec.rateLimiting.shared.refillPeriod: "often" is not a duration like 30s or 1m`,
    ],
    [
      'a quantity that is none',
      { resources: { limits: { cpu: 'lots' } } },
      `Failed to build Deployment: spec.resources.limits.cpu: "lots": quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'`,
    ],
    [
      "a volume called like one of the proxy's own",
      { volumes: [{ name: 'runconfig', hostPath: '/h', mountPath: '/m' }] },
      'Failed to build Deployment: two volumes of the proxy are called "runconfig"; rename the one in spec.volumes',
    ],
  ])('is nothing for %s, and the reason is said', (_, spec, message) => {
    expect(() => made(aServer('fetch', spec))).toThrow(message);
  });
});

describe('any spec', () => {
  it('is either turned into objects or refused with a SpecError', () => {
    fc.assert(
      fc.property(randomSpecs(MCPServer), fc.boolean(), (spec, isFound) => {
        const server = { ...aServer('fetch'), spec: spec as unknown as MCPServer['spec'] };
        const found: ConfigMap = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { name: 'c' },
          data: { 'authz.json': '{}' },
        };
        expectObjectsOrSpecError(() => {
          const valid = validSpec(MCPServer, Object.assign({ image: '' }, server.spec));
          const verdicts = [
            ...[stdioReplicaCapped, rateLimitConfigValid].map((check) => check(valid)),
            primaryProviderIgnored({ ...server, spec: valid }),
            podTemplateValid(valid.podTemplateSpec, decodePodTemplate),
          ];
          expect(verdicts.map(({ kind }) => kind)).not.toContain(undefined);
          made({ ...server, spec: valid }, { configMap: () => (isFound ? found : undefined) });
        });
      }),
      { numRuns: runs() },
    );
  });
});

function expectObjectsOrSpecError(run: () => void): void {
  try {
    run();
  } catch (error) {
    if (!isSpecError(error)) throw error;
  }
}

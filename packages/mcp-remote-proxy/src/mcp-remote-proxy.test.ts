import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ConfigMap,
  Deployment,
  Event,
  findCondition,
  Pod,
  Role,
  Secret,
  Service,
  ServiceAccount,
  type KindOf,
} from '@trueup/core';
import { mcpAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig, mcpExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { mcpGroup } from '@trueup/mcp-group';
import { mcpOidcConfig } from '@trueup/mcp-oidc-config';
import { mcpTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { mcpToolConfig } from '@trueup/mcp-tool-config';
import { sessionRedis, WorkloadSettings } from '@trueup/mcp-workload';
import { Harness, type ManifestObject } from '@trueup/testing';
import { embeddedOnly } from '@trueup/testing/embedded-only';
import '@trueup/testing/matchers';
import { desiredObjects } from './desired-objects.js';
import { mcpRemoteProxy } from './module.js';
import { MCPRemoteProxy } from './resource.js';

let harness: Harness;

beforeAll(async () => {
  harness = await Harness.start({
    modules: [
      mcpAuthzConfig,
      mcpExternalAuthConfig,
      mcpGroup,
      mcpOidcConfig,
      mcpTelemetryConfig,
      mcpToolConfig,
      mcpRemoteProxy,
    ],
    register: (container) =>
      container.registerInstance(WorkloadSettings, new WorkloadSettings({ runnerImage: 'runner:v1' })),
  });
});
afterAll(() => harness.stop());
afterEach(() => harness.controlPlane?.workloads?.behave({ behaviour: 'ready' }));

const URL = 'https://mcp.example.com/v1/server';
const PERMIT = 'permit(principal, action, resource);';

const anObject = (kind: string, name: string, spec: object) => ({
  apiVersion: 'toolhive.stacklok.dev/v1beta1',
  kind,
  metadata: { name },
  spec,
});
const aProxy = (name: string, spec: object = {}) => anObject('MCPRemoteProxy', name, { remoteUrl: URL, ...spec });
const anAuth = (name: string, spec: object) => anObject('MCPExternalAuthConfig', name, spec);
const aSecret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const aConfigMap = (name: string, data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data,
});

const RESOURCE = 'https://mcp.example.com/x';
const anOidc = anObject('MCPOIDCConfig', 'self', { type: 'inline', inline: { issuer: 'https://mcp.example.com' } });
const oidcConfigRef = { name: 'self', audience: RESOURCE, resourceUrl: RESOURCE };
const authServerRef = (name: string) => ({ kind: 'MCPExternalAuthConfig', name });
const anAuthServer = (name: string, upstreams: readonly string[] = ['okta'], more: object = {}) =>
  anAuth(name, {
    type: 'embeddedAuthServer',
    embeddedAuthServer: {
      issuer: 'https://mcp.example.com',
      upstreamProviders: upstreams.map((upstream) => ({
        name: upstream,
        type: 'oidc',
        oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' },
      })),
      ...more,
    },
  });
const TOKEN_EXCHANGE = { tokenUrl: 'https://oauth.example.com/token', audience: 'backend' };

async function applied(...objects: readonly ManifestObject[]): Promise<void> {
  await harness.apply(...objects);
  await harness.settle();
}

async function removed(kind: KindOf, ...names: readonly string[]): Promise<void> {
  for (const name of names) await harness.delete(kind, name);
  await harness.settle();
}

const proxy = (name: string) => harness.require(MCPRemoteProxy, name);
const deployment = (name: string) => harness.require(Deployment, name);
const podSpec = async (name: string) => (await deployment(name)).spec?.template.spec;
const environment = async (name: string) =>
  (await podSpec(name))?.containers.find((container) => container.name === 'toolhive')?.env;
const runConfig = async (name: string) =>
  JSON.parse((await harness.require(ConfigMap, `${name}-runconfig`)).data?.['runconfig.json'] ?? '{}') as Record<
    string,
    unknown
  >;

/** What the status says, `NS` standing for the namespace. */
async function said(name: string): Promise<{ phase?: string; message: string; conditions: Record<string, string> }> {
  const { status } = await proxy(name);
  const plain = (text = '') => text.replaceAll(harness.namespace, 'NS');
  return {
    ...(status?.phase && { phase: status.phase }),
    message: plain(status?.message),
    conditions: Object.fromEntries(
      (status?.conditions ?? []).map(({ type, status: is, reason, message }) => [
        type,
        `${is} ${reason}: ${plain(message)}`,
      ]),
    ),
  };
}

describe('an MCPRemoteProxy', () => {
  it('is made ready, with everything around it, and then left alone', async () => {
    await applied(aProxy('remote'));

    const { status, metadata } = await proxy('remote');
    expect(status).toMatchObject({
      phase: 'Ready',
      message: 'Remote proxy is running',
      url: `http://mcp-remote-remote-proxy.${harness.namespace}.svc.cluster.local:8080`,
      observedGeneration: 1,
    });
    expect((await said('remote')).conditions).toEqual({
      ConfigurationValid: 'True ConfigurationValid: All configuration validations passed',
      AuthConfigured: 'True AuthValid: Authentication configuration is valid',
      SessionStorageWarning: 'False SessionStorageWarningNotApplicable: session storage warning is not active',
      Ready: 'True DeploymentReady: Deployment is ready and running',
    });

    const labels = {
      app: 'mcpremoteproxy',
      'app.kubernetes.io/name': 'mcpremoteproxy',
      'app.kubernetes.io/instance': 'remote',
      toolhive: 'true',
      'toolhive-name': 'remote',
    };
    const made = await deployment('remote');
    expect(made.metadata).toMatchObject({
      labels,
      ownerReferences: [{ kind: 'MCPRemoteProxy', uid: metadata.uid, controller: true, blockOwnerDeletion: true }],
    });
    expect(made.spec).toMatchObject({
      selector: { matchLabels: labels },
      template: {
        metadata: {
          labels,
          annotations: {
            // That of the run configuration users have had from the beginning.
            'toolhive.stacklok.dev/runconfig-checksum':
              'd82136df789b653e2525927686cd25dcbde2e74d90ffd915610867e2880dc53c',
          },
        },
        spec: {
          serviceAccountName: 'remote-remote-proxy-runner',
          securityContext: { runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 },
          containers: [
            {
              name: 'toolhive',
              image: 'runner:v1',
              args: ['run', '--foreground=true', 'placeholder-for-remote-proxy'],
              env: [
                { name: 'XDG_CONFIG_HOME', value: '/tmp' },
                { name: 'HOME', value: '/tmp' },
                { name: 'TOOLHIVE_RUNTIME', value: 'kubernetes' },
                { name: 'UNSTRUCTURED_LOGS', value: 'false' },
              ],
              ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
              volumeMounts: [{ name: 'runconfig', mountPath: '/etc/runconfig', readOnly: true }],
              readinessProbe: { initialDelaySeconds: 15, periodSeconds: 5 },
              livenessProbe: { initialDelaySeconds: 30 },
            },
          ],
          volumes: [{ name: 'runconfig', configMap: { name: 'remote-runconfig' } }],
        },
      },
    });
    expect((await harness.require(Service, 'mcp-remote-remote-proxy')).spec).toMatchObject({
      selector: labels,
      sessionAffinity: 'ClientIP',
      ports: [{ name: 'http', port: 8080, targetPort: 8080, protocol: 'TCP' }],
    });
    const role = await harness.require(Role, 'remote-remote-proxy-runner');
    expect(role.rules).toEqual([
      { apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] },
      { apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list', 'watch'] },
    ]);
    expect((await harness.require(ConfigMap, 'remote-runconfig')).metadata.labels).toEqual({
      'toolhive.stacklok.io/component': 'run-config',
      'toolhive.stacklok.io/mcp-remote-proxy': 'remote',
      'toolhive.stacklok.io/managed-by': 'toolhive-operator',
    });

    harness.forgetWrites();
    await harness.patch(MCPRemoteProxy, 'remote', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('is moved to another port, address and all', async () => {
    await applied(aProxy('port'));
    await applied(aProxy('port', { proxyPort: 9191 }));
    expect((await proxy('port')).status?.url).toMatch(/:9191$/);
    expect((await harness.require(Service, 'mcp-port-remote-proxy')).spec?.ports).toMatchObject([
      { port: 9191, targetPort: 9191 },
    ]);
  });

  it('puts back what others change of its objects, and leaves alone what is theirs', async () => {
    await applied(aProxy('drift'));
    await harness.patch(Service, 'mcp-drift-remote-proxy', {
      metadata: { annotations: { 'cloud.example.com/neg': 'x' } },
      spec: { sessionAffinity: 'None' },
    });
    await harness.patch(Deployment, 'drift', { metadata: { labels: { theirs: 'y' } }, spec: { replicas: 5 } });
    await harness.settle();
    const service = await harness.require(Service, 'mcp-drift-remote-proxy');
    expect(service.spec?.sessionAffinity).toBe('ClientIP');
    expect(service.metadata.annotations).toMatchObject({ 'cloud.example.com/neg': 'x' });
    const made = await deployment('drift');
    expect(made.metadata.labels).toMatchObject({ theirs: 'y' });
    expect(made.spec?.replicas).toBe(5);

    await removed(ConfigMap, 'drift-runconfig');
    expect(await harness.get(ConfigMap, 'drift-runconfig')).toBeDefined();
  });

  it('has as many replicas as it says, and says when there are none', async () => {
    await applied(aProxy('scale', { replicas: 2 }));
    expect((await deployment('scale')).spec?.replicas).toBe(2);
    expect((await said('scale')).conditions['SessionStorageWarning']).toBe(
      'True SessionStorageMissingForReplicas: replicas > 1 but sessionStorage.provider is not redis; sessions are not shared across replicas',
    );
    await harness.patch(Deployment, 'scale', { spec: { replicas: 3 } });
    await harness.settle();
    expect((await deployment('scale')).spec?.replicas).toBe(2);

    await applied(aProxy('scale', { replicas: 0 }));
    expect(await said('scale')).toMatchObject({
      phase: 'Pending',
      message: 'Remote proxy is scaled to zero',
      conditions: { Ready: 'False DeploymentNotReady: Remote proxy is scaled to zero' },
    });
  });

  embeddedOnly('says how its pods are', async () => {
    const told = async (behaviour: 'none' | 'notready' | 'crash' | 'failed' | 'ready') => {
      harness.controlPlane?.workloads?.behave({ name: 'pods', behaviour });
      await harness.settle();
      const { phase, message, conditions } = await said('pods');
      return [phase, message, conditions['Ready']];
    };
    harness.controlPlane?.workloads?.behave({ name: 'pods', behaviour: 'none' });
    await applied(aProxy('pods'));
    expect(await told('none')).toEqual([
      'Pending',
      'No pods found for remote proxy',
      'False DeploymentNotReady: No pods found',
    ]);
    expect(await told('notready')).toEqual([
      'Pending',
      'Remote proxy is starting',
      'False DeploymentNotReady: Deployment is not yet ready',
    ]);
    expect(await told('crash')).toEqual([
      'Failed',
      'Remote proxy failed to start: CrashLoopBackOff',
      'False DeploymentNotReady: Deployment failed: CrashLoopBackOff',
    ]);
    expect(await told('ready')).toEqual([
      'Ready',
      'Remote proxy is running',
      'True DeploymentReady: Deployment is ready and running',
    ]);
  });

  it('brings its additions to the objects made for it', async () => {
    await applied(
      aSecret('redis', { pw: 'x' }),
      aProxy('more', {
        audit: { enabled: true },
        endpointPrefix: '/p',
        trustProxyHeaders: true,
        sessionAffinity: 'None',
        resources: { limits: { cpu: '1000m' } },
        sessionStorage: { provider: 'redis', address: 'r:6379', passwordRef: { name: 'redis', key: 'pw' } },
        resourceOverrides: {
          proxyDeployment: {
            labels: { team: 'x', app: 'ignored' },
            env: [
              { name: 'DEBUG', value: '1' },
              { name: 'HOME', value: '/h' },
            ],
            imagePullSecrets: [{ name: 'regcred' }],
          },
          proxyService: { annotations: { lb: 'nlb' } },
        },
      }),
    );
    expect((await environment('more'))?.map(({ name }) => name)).toEqual([
      'DEBUG',
      'HOME',
      'THV_SESSION_REDIS_PASSWORD',
      'XDG_CONFIG_HOME',
      'TOOLHIVE_RUNTIME',
      'UNSTRUCTURED_LOGS',
    ]);
    const made = await deployment('more');
    expect(made.metadata.labels).toMatchObject({ team: 'x', app: 'mcpremoteproxy' });
    expect(made.spec?.template.spec).toMatchObject({
      imagePullSecrets: [{ name: 'regcred' }],
      containers: [{ resources: { limits: { cpu: '1' } } }],
    });
    expect((await harness.require(ServiceAccount, 'more-remote-proxy-runner')).imagePullSecrets).toEqual([
      { name: 'regcred' },
    ]);
    expect((await harness.require(Service, 'mcp-more-remote-proxy')).metadata.annotations).toMatchObject({ lb: 'nlb' });
    expect(await runConfig('more')).toMatchObject({
      audit_config: { detectApplicationErrors: true, maxDataSize: 1024 },
      endpoint_prefix: '/p',
      trust_proxy_headers: true,
      scaling_config: { session_redis: { address: 'r:6379' } },
    });
  });

  it('changes to a service account of the user and back', async () => {
    await applied(aProxy('account'));
    await applied(aProxy('account', { serviceAccount: 'mine' }));
    expect((await podSpec('account'))?.serviceAccountName).toBe('mine');
    expect(await harness.get(Role, 'account-remote-proxy-runner')).toBeUndefined();
    await applied(aProxy('account'));
    expect((await podSpec('account'))?.serviceAccountName).toBe('account-remote-proxy-runner');
    expect(await harness.get(Role, 'account-remote-proxy-runner')).toBeDefined();
  });

  it('is restarted by annotation, once', async () => {
    await applied(aProxy('restart'));
    const key = 'mcpserver.toolhive.stacklok.dev/restarted-at';
    await harness.patch(MCPRemoteProxy, 'restart', { metadata: { annotations: { [key]: '2026-06-01T00:00:00Z' } } });
    await harness.settle();
    const restarted = (await deployment('restart')).spec?.template.metadata?.annotations?.[key];
    expect(restarted).toMatch(/^20\d\d-/);
    expect((await proxy('restart')).metadata.annotations).toMatchObject({
      'mcpserver.toolhive.stacklok.dev/last-processed-restart': '2026-06-01T00:00:00Z',
    });
    harness.forgetWrites();
    await harness.patch(MCPRemoteProxy, 'restart', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(harness.writes).toEqual([]);
  });

  it('leaves the objects of another workload of its name alone, and says so', async () => {
    const owner = { apiVersion: 'v1', kind: 'ConfigMap', name: 'other', controller: true };
    await harness.apply(aConfigMap('other', {}));
    const { uid } = (await harness.require(ConfigMap, 'other')).metadata;
    const taken = aConfigMap('taken-runconfig', { mine: 'x' });
    await applied(
      { ...taken, metadata: { ...taken.metadata, ownerReferences: [{ ...owner, uid: uid ?? '' }] } },
      aProxy('taken'),
    );
    expect(await said('taken')).toMatchObject({
      phase: 'Failed',
      conditions: { Ready: expect.stringMatching(/^False NotReady: /) },
    });
    expect((await harness.require(ConfigMap, 'taken-runconfig')).data).toEqual({ mine: 'x' });
  });

  it.each([
    ['a.b', 'contains a dot'],
    ['x'.repeat(47), 'has 47 characters; the objects made for it need one of at most 46'],
  ])('refuses the name %s', async (name, message) => {
    await applied(aProxy(name));
    expect((await said(name)).message).toContain(message);
  });

  it('shows what the API server refuses of it, keeps running, and heals', async () => {
    const overridden = (labels: object) => aProxy('odd', { resourceOverrides: { proxyDeployment: { labels } } });
    await applied(aProxy('odd'));
    const before = (await deployment('odd')).metadata.resourceVersion;
    await applied(overridden({ team: 'a b' }));
    expect(await said('odd')).toMatchObject({
      phase: 'Failed',
      conditions: { Ready: expect.stringMatching(/^False NotReady: .*Deployment.* is invalid: metadata.labels/) },
    });
    expect((await deployment('odd')).metadata.resourceVersion).toBe(before);
    await applied(overridden({ team: 'a-b' }));
    expect(await said('odd')).toMatchObject({ phase: 'Ready' });
  });

  it('says that it goes, and makes nothing anew', async () => {
    const held = aProxy('held');
    await applied({ ...held, metadata: { ...held.metadata, finalizers: ['example.com/hold'] } });
    await removed(MCPRemoteProxy, 'held');
    expect(await said('held')).toMatchObject({ phase: 'Terminating', message: 'Remote proxy is being terminated' });
    await removed(Service, 'mcp-held-remote-proxy');
    expect(await harness.get(Service, 'mcp-held-remote-proxy')).toBeUndefined();
    await harness.patch(MCPRemoteProxy, 'held', { metadata: { finalizers: null } });
    await harness.settle();
    expect(await harness.get(MCPRemoteProxy, 'held')).toBeUndefined();
  });

  it('belongs to a group, which nothing waits for', async () => {
    await applied(aProxy('member', { groupRef: { name: 'late' } }));
    expect(await said('member')).toMatchObject({
      phase: 'Ready',
      conditions: { GroupRefValidated: "False GroupRefNotFound: MCPGroup 'late' not found in namespace 'NS'" },
    });
    await applied(anObject('MCPGroup', 'late', {}));
    expect((await said('member')).conditions['GroupRefValidated']).toBe(
      "True GroupRefIsValid: MCPGroup 'late' is valid and ready",
    );
    await applied(aProxy('member'));
    expect((await said('member')).conditions).not.toHaveProperty('GroupRefValidated');
  });
});

describe('the configuration of an MCPRemoteProxy', () => {
  const header = (name: string, key: string, headerName = 'X-API-Key') => ({
    headerForward: { addHeadersFromSecret: [{ headerName, valueSecretRef: { name, key } }] },
  });
  const inMap = (name: string, key = 'authz.json') => ({
    authzConfig: { type: 'configMap', configMap: { name, key } },
  });
  const blocked = (host: string, range: string) =>
    `remote URL host is not allowed: IP address ${host} falls within blocked range ${range}`;
  const internal = (host: string, entry: string) =>
    `remote URL host is not allowed: hostname "${host}" matches blocked internal hostname "${entry}"`;

  const MISTAKES: readonly [name: string, spec: object, reason: string, message: string | RegExp, isAuth: boolean][] = [
    ['p-ip10', { remoteUrl: 'http://10.0.0.5' }, 'RemoteURLInvalid', blocked('10.0.0.5', '10.0.0.0/8'), false],
    [
      'p-loop',
      { remoteUrl: 'http://127.0.0.1:9000/mcp' },
      'RemoteURLInvalid',
      blocked('127.0.0.1', '127.0.0.0/8'),
      false,
    ],
    [
      'p-meta',
      { remoteUrl: 'http://169.254.169.254/', allowPrivateEndpoint: true },
      'RemoteURLInvalid',
      blocked('169.254.169.254', '169.254.0.0/16'),
      false,
    ],
    [
      'p-cluster',
      { remoteUrl: 'http://foo.ns.svc.cluster.local' },
      'RemoteURLInvalid',
      internal('foo.ns.svc.cluster.local', 'cluster.local'),
      false,
    ],
    [
      'p-mapped',
      { remoteUrl: 'https://[::ffff:127.0.0.1]/' },
      'RemoteURLInvalid',
      /blocked range 127.0.0.0\/8$/,
      false,
    ],
    [
      'p-k8s',
      { remoteUrl: 'https://KUBERNETES.default/' },
      'RemoteURLInvalid',
      internal('KUBERNETES.default', 'kubernetes.default'),
      false,
    ],
    [
      'p-space',
      { remoteUrl: 'https://a b/' },
      'RemoteURLInvalid',
      'remote URL is invalid: parse "https://a b/": invalid character " " in host name',
      false,
    ],
    [
      'hdr-missing',
      header('nope', 'token'),
      'HeaderSecretNotFound',
      'secret "nope" referenced for header "X-API-Key" not found in namespace "NS"',
      true,
    ],
    [
      'hdr-nokey',
      header('tok', 'zz'),
      'HeaderSecretNotFound',
      'secret "tok" referenced for header "X-API-Key" has no key "zz"',
      true,
    ],
    [
      'hdr-restricted',
      { headerForward: { addPlaintextHeaders: { 'x-forwarded-for': '1' } } },
      'RestrictedHeader',
      'header "X-Forwarded-For" is restricted and cannot be configured for forwarding',
      false,
    ],
    [
      'hdr-twice',
      { headerForward: { addPlaintextHeaders: { 'x-api-key': '1' }, ...header('tok', 'token').headerForward } },
      'RestrictedHeader',
      'header "X-Api-Key" is configured more than once',
      false,
    ],
    [
      'authz-inline-bad',
      { authzConfig: { type: 'inline', inline: { policies: [PERMIT, 'permit(oops'] } } },
      'AuthzPolicySyntaxInvalid',
      /^cedar policy at index 1 has invalid syntax: /,
      true,
    ],
    [
      'authz-missing',
      inMap('missing'),
      'AuthzConfigMapNotFound',
      'authorization ConfigMap "missing" not found in namespace "NS"',
      true,
    ],
    [
      'authz-key',
      inMap('blank', 'nope'),
      'AuthzConfigMapInvalid',
      'authorization ConfigMap "blank" is invalid: authz ConfigMap NS/blank is missing key "nope"',
      true,
    ],
    [
      'authz-blank',
      inMap('blank'),
      'AuthzConfigMapInvalid',
      'authorization ConfigMap "blank" is invalid: authz ConfigMap NS/blank key "authz.json" is empty',
      true,
    ],
    [
      'authz-nopol',
      inMap('nopol'),
      'AuthzConfigMapInvalid',
      'authorization ConfigMap "nopol" is invalid: invalid authz config from ConfigMap NS/nopol key "authz.json": invalid cedarv1 configuration: at least one policy is required for Cedar authorization',
      true,
    ],
    [
      'authz-http',
      inMap('http'),
      'AuthzConfigMapInvalid',
      'authorization ConfigMap "http" is invalid: authz ConfigMap "http" is not a Cedar config: cedar config is nil',
      true,
    ],
  ];

  beforeAll(async () => {
    await applied(
      aSecret('tok', { token: 't' }),
      aConfigMap('blank', { 'authz.json': '  ' }),
      aConfigMap('nopol', { 'authz.json': '{"version":"1.0","type":"cedarv1","cedar":{"policies":[]}}' }),
      aConfigMap('http', {
        'authz.json':
          '{"version":"1.0","type":"httpv1","pdp":{"http":{"url":"https://pdp"},"claim_mapping":"standard"}}',
      }),
      ...MISTAKES.map(([name, spec]) => aProxy(name, spec)),
    );
  });

  it.each(MISTAKES)('is refused: %s', async (name, _spec, reason, message, isAuth) => {
    const { phase, message: summary = '', conditions } = await said(name);
    const told = conditions['ConfigurationValid']?.replace(`False ${reason}: `, '') ?? '';
    if (typeof message === 'string') expect(told).toBe(message);
    else expect(told).toMatch(message);
    expect({ phase, summary }).toEqual({ phase: 'Failed', summary: `Validation failed: ${told}` });
    expect(conditions['Ready']).toBe(`False NotReady: ${summary}`);
    expect(conditions['AuthConfigured']).toBe(
      isAuth ? `False AuthInvalid: ${told}` : 'True AuthValid: Authentication configuration is valid',
    );
    expect(await harness.get(Deployment, name)).toBeUndefined();
    expect(await harness.get(ConfigMap, `${name}-runconfig`)).toBeUndefined();
  });

  it('is told of once when it goes wrong', async () => {
    const told = async () =>
      (await harness.list(Event)).filter(({ regarding }) => regarding?.name === 'hdr-missing').map((event) => event);
    expect(await told()).toMatchObject([
      {
        type: 'Warning',
        reason: 'HeaderSecretNotFound',
        action: 'ValidateSpec',
        note: `secret "nope" referenced for header "X-API-Key" not found in namespace "${harness.namespace}"`,
      },
    ]);
    await harness.patch(MCPRemoteProxy, 'hdr-missing', { metadata: { labels: { touched: 'yes' } } });
    await harness.settle();
    expect(await told()).toHaveLength(1);
  });

  it.each([
    ['ip10', { remoteUrl: 'http://10.0.0.5', allowPrivateEndpoint: true }],
    ['svc', { remoteUrl: 'http://foo.ns.svc' }],
    ['cluster', { remoteUrl: 'http://foo.ns.svc.cluster.local', allowPrivateEndpoint: true }],
  ])('lets a server elsewhere be reached: %s', async (name, spec) => {
    await applied(aProxy(`ok-${name}`, spec));
    expect(await said(`ok-${name}`)).toMatchObject({ phase: 'Ready' });
  });

  it('heals when what was missing appears, and what runs keeps running when it goes', async () => {
    await applied(aProxy('heals', header('late-secret', 'token')));
    expect((await said('heals')).phase).toBe('Failed');
    await applied(aSecret('late-secret', { token: 't' }));
    expect(await said('heals')).toMatchObject({ phase: 'Ready' });
    const before = (await deployment('heals')).metadata.resourceVersion;

    await removed(Secret, 'late-secret');
    expect((await said('heals')).phase).toBe('Failed');
    expect((await deployment('heals')).metadata.resourceVersion).toBe(before);
  });

  it('rolls the pods when a header gets another value', async () => {
    await applied(aSecret('rotated', { token: 'a' }), aProxy('rolls', header('rotated', 'token')));
    const digest = async () =>
      (await deployment('rolls')).spec?.template.metadata?.annotations?.['toolhive.stacklok.dev/secrets-digest'];
    const before = await digest();
    await applied(aSecret('rotated', { token: 'b' }));
    expect(before).toBeDefined();
    expect(await digest()).not.toBe(before);
  });
});

describe('the pod template of an MCPRemoteProxy', () => {
  const HASH = 'toolhive.stacklok.io/podtemplatespec-hash';

  it('is laid over that of the proxy, and goes again', async () => {
    const podTemplateSpec = {
      metadata: { labels: { x: 'y', app: 'mine' }, annotations: { 'toolhive.stacklok.dev/runconfig-checksum': 'no' } },
      spec: {
        containers: [{ name: 'toolhive', image: 'mine:v2', env: [{ name: 'E', value: '1' }] }],
        nodeSelector: { disk: 'ssd' },
      },
    };
    await applied(
      aProxy('podtpl', { podTemplateSpec, resourceOverrides: { proxyDeployment: { annotations: { own: 'z' } } } }),
    );
    const made = await deployment('podtpl');
    expect(made.metadata.annotations).toMatchObject({ own: 'z', [HASH]: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(made.spec?.template).toMatchObject({
      metadata: {
        labels: { x: 'y', app: 'mcpremoteproxy' },
        annotations: { 'toolhive.stacklok.dev/runconfig-checksum': expect.stringMatching(/^[0-9a-f]{64}$/) },
      },
      spec: { nodeSelector: { disk: 'ssd' }, containers: [{ name: 'toolhive', image: 'mine:v2' }] },
    });
    expect((await environment('podtpl'))?.map(({ name }) => name)).toEqual([
      'E',
      'XDG_CONFIG_HOME',
      'HOME',
      'TOOLHIVE_RUNTIME',
      'UNSTRUCTURED_LOGS',
    ]);
    expect((await said('podtpl')).conditions['PodTemplateValid']).toBe(
      'True ValidPodTemplateSpec: PodTemplateSpec is valid',
    );

    await applied(aProxy('podtpl'));
    const plain = await deployment('podtpl');
    expect(plain.metadata.annotations).not.toHaveProperty([HASH]);
    expect(plain.spec?.template.spec).not.toHaveProperty('nodeSelector');
    expect((await said('podtpl')).conditions).not.toHaveProperty('PodTemplateValid');
  });

  it.each([
    [
      'podtpl-type',
      { spec: { containers: 'x' } },
      'failed to unmarshal PodTemplateSpec: json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type []v1.Container',
    ],
    [
      'podtpl-empty',
      { spec: { containers: [{ name: 'toolhive', $patch: 'delete' }] } },
      'failed to unmarshal PodTemplateSpec: spec.containers must keep the container toolhive, which is the proxy',
    ],
  ])('stops the rollout, and nothing else, when it is %s', async (name, podTemplateSpec, problem) => {
    await applied(aProxy(name));
    const before = (await deployment(name)).metadata.resourceVersion;
    await applied(aProxy(name, { podTemplateSpec, proxyPort: 9000 }));
    expect(await said(name)).toMatchObject({
      phase: 'Failed',
      message: `Invalid PodTemplateSpec: ${problem}`,
      conditions: {
        PodTemplateValid: `False InvalidPodTemplateSpec: Failed to parse PodTemplateSpec: ${problem}. Deployment blocked until fixed.`,
        Ready: `False DeploymentNotReady: Invalid PodTemplateSpec: ${problem}`,
      },
    });
    expect((await deployment(name)).metadata.resourceVersion).toBe(before);
    await harness.patch(MCPRemoteProxy, name, { spec: { podTemplateSpec: { spec: { containers: null } } } });
    await harness.settle();
    expect(await said(name)).toMatchObject({ phase: 'Ready' });
  });
});

describe('what the configs of an MCPRemoteProxy bring into it', () => {
  it('forwards headers and a bearer token, with secrets in the environment alone', async () => {
    await applied(
      anObject('MCPOIDCConfig', 'k8s', { type: 'kubernetesServiceAccount', kubernetesServiceAccount: {} }),
      anAuth('bearer', {
        type: 'bearerToken',
        bearerToken: { tokenSecretRef: { name: 'api-bearer-token', key: 'token' } },
      }),
      aSecret('api-bearer-token', { token: 'hush' }),
      aSecret('api-key', { key: 'hush' }),
      aProxy('remote-b', {
        remoteUrl: 'https://api.example.com/sse',
        transport: 'sse',
        proxyPort: 9090,
        oidcConfigRef: {
          name: 'k8s',
          audience: 'remote-b',
          resourceUrl: 'http://remote-b.toolhive-system.svc.cluster.local:9090',
        },
        externalAuthConfigRef: { name: 'bearer' },
        headerForward: {
          addPlaintextHeaders: { 'X-Tenant-ID': 'tenant-42' },
          addHeadersFromSecret: [{ headerName: 'X-API-Key', valueSecretRef: { name: 'api-key', key: 'key' } }],
        },
      }),
    );
    expect((await harness.require(ConfigMap, 'remote-b-runconfig')).metadata.annotations).toEqual({
      'toolhive.stacklok.dev/content-checksum': '344a04610e59b2a0378d3035e0b6c81a25fbe5704525671ef7006cf36645f1f6',
    });
    const secret = (name: string, key: string) => ({ valueFrom: { secretKeyRef: { name, key } } });
    expect(await environment('remote-b')).toEqual([
      { name: 'TOOLHIVE_SECRET_api-bearer-token', ...secret('api-bearer-token', 'token') },
      { name: 'TOOLHIVE_SECRET_HEADER_FORWARD_X_API_KEY_REMOTE_B', ...secret('api-key', 'key') },
      { name: 'XDG_CONFIG_HOME', value: '/tmp' },
      { name: 'HOME', value: '/tmp' },
      { name: 'TOOLHIVE_RUNTIME', value: 'kubernetes' },
      { name: 'UNSTRUCTURED_LOGS', value: 'false' },
      { name: 'TOOLHIVE_SECRETS_PROVIDER', value: 'environment' },
    ]);
  });

  it('signs for AWS behind an authorization server of its own', async () => {
    await applied(
      anOidc,
      anAuth('aws', {
        type: 'awsSts',
        awsSts: {
          region: 'us-east-1',
          roleClaim: 'groups',
          sessionNameClaim: 'sub',
          roleMappings: [
            { claim: 'admins', roleArn: 'arn:aws:iam::123456789012:role/Admin', priority: 1 },
            { matcher: 'claims["sub"] == "ci"', roleArn: 'arn:aws:iam::123456789012:role/CI' },
          ],
        },
      }),
      anAuth('okta-as', {
        type: 'embeddedAuthServer',
        embeddedAuthServer: {
          issuer: 'https://mcp.example.com',
          upstreamProviders: [
            { name: 'okta', type: 'oidc', oidcConfig: { issuerUrl: 'https://acme.okta.com', clientId: 'cid' } },
          ],
        },
      }),
      aProxy('aws-proxy', {
        remoteUrl: 'https://aws-mcp.us-east-1.api.aws/mcp',
        externalAuthConfigRef: { name: 'aws' },
        authServerRef: authServerRef('okta-as'),
        oidcConfigRef: {
          name: 'self',
          audience: 'https://mcp.example.com/aws',
          resourceUrl: 'https://mcp.example.com/aws',
          scopes: ['openid', 'offline_access'],
        },
      }),
    );
    expect(await said('aws-proxy')).toMatchObject({ phase: 'Ready' });
    expect((await harness.require(ConfigMap, 'aws-proxy-runconfig')).metadata.annotations).toEqual({
      'toolhive.stacklok.dev/content-checksum': '0512ecb22a48ca1319f3c5842e1d89f7f5b2aaf0685058e0e629d42a0e2fec22',
    });
  });

  it('waits for a client secret, and keeps running when it goes', async () => {
    await applied(
      anAuth('tx', {
        type: 'tokenExchange',
        tokenExchange: { ...TOKEN_EXCHANGE, clientSecretRef: { name: 'oauth', key: 'cs' } },
      }),
      aProxy('exchange', { externalAuthConfigRef: { name: 'tx' } }),
    );
    const missing = 'failed to get client secret NS/oauth: Secret "oauth" not found';
    expect(await said('exchange')).toMatchObject({
      phase: 'Failed',
      message: `Failed to build configuration: failed to create RunConfig from MCPRemoteProxy: failed to process ExternalAuthConfig: ${missing}`,
      conditions: { ExternalAuthConfigValidated: `False SecretNotFound: ${missing}` },
    });
    await applied(aSecret('oauth', { cs: 'x' }));
    expect(await said('exchange')).toMatchObject({ phase: 'Ready' });
    const before = (await deployment('exchange')).metadata.resourceVersion;
    await removed(Secret, 'oauth');
    expect((await said('exchange')).phase).toBe('Failed');
    expect((await deployment('exchange')).metadata.resourceVersion).toBe(before);
  });

  it('keeps serving what it served when a config breaks', async () => {
    await applied(
      anAuth('breaks', { type: 'unauthenticated' }),
      aProxy('serving', { externalAuthConfigRef: { name: 'breaks' } }),
    );
    const before = (await deployment('serving')).metadata.resourceVersion;
    await applied(anAuth('breaks', { type: 'obo', obo: {} }));
    expect(await said('serving')).toMatchObject({
      phase: 'Failed',
      message:
        'MCPExternalAuthConfig NS/breaks: invalid (EnterpriseRequired): on-behalf-of (OBO) external auth type requires an enterprise build',
    });
    expect((await deployment('serving')).metadata.resourceVersion).toBe(before);
  });

  it('brings telemetry headers and CA bundles along', async () => {
    await applied(
      aSecret('otel', { key: 'x' }),
      anObject('MCPTelemetryConfig', 'otel', {
        openTelemetry: {
          enabled: true,
          endpoint: 'https://otel:4318',
          tracing: { enabled: true },
          sensitiveHeaders: [{ name: 'X-Api-Key', secretKeyRef: { name: 'otel', key: 'key' } }],
          caBundleRef: { configMapRef: { name: 'otel-ca', key: 'ca.crt' } },
        },
      }),
      anObject('MCPOIDCConfig', 'corp', {
        type: 'inline',
        inline: { issuer: 'https://corp', caBundleRef: { configMapRef: { name: 'corp-ca', key: 'ca.crt' } } },
      }),
      aProxy('observed', {
        telemetryConfigRef: { name: 'otel', serviceName: 'svc' },
        oidcConfigRef: { name: 'corp', audience: 'a' },
        authzConfig: { type: 'inline', inline: { policies: [PERMIT] } },
      }),
    );
    expect((await environment('observed'))?.slice(0, 2).map(({ name }) => name)).toEqual([
      'OTEL_RESOURCE_ATTRIBUTES',
      'TOOLHIVE_OTEL_HEADER_X_API_KEY',
    ]);
    expect((await podSpec('observed'))?.volumes?.map(({ name }) => name)).toEqual([
      'runconfig',
      'authz-config',
      'otel-ca-bundle-otel-ca',
      'oidc-ca-bundle-corp-ca',
    ]);
    expect((await said('observed')).conditions).toMatchObject({
      CABundleRefValidated: "False CABundleRefNotFound: CA bundle ConfigMap 'corp-ca' not found in namespace 'NS'",
      TelemetryCABundleRefValidated: expect.stringMatching(/^False /),
    });
    expect((await harness.require(ConfigMap, 'observed-authz-inline')).metadata.labels).toMatchObject({
      app: 'mcpremoteproxy',
      'toolhive.stacklok.io/authz': 'inline',
    });
    await applied(aProxy('observed', { oidcConfigRef: { name: 'corp', audience: 'a' } }));
    expect(await harness.get(ConfigMap, 'observed-authz-inline')).toBeUndefined();
  });
});

describe('externalAuthConfigRef of an MCPRemoteProxy', () => {
  const secret = { name: 'any', key: 'k' };
  const TYPES: readonly [type: string, members: object, reason: string][] = [
    ['tokenExchange', { tokenExchange: TOKEN_EXCHANGE }, 'ExternalAuthConfigValid'],
    ['bearerToken', { bearerToken: { tokenSecretRef: secret } }, 'ExternalAuthConfigValid'],
    ['unauthenticated', {}, 'ExternalAuthConfigValid'],
    [
      'awsSts',
      { awsSts: { region: 'eu-central-1', fallbackRoleArn: 'arn:aws:iam::123456789012:role/r' } },
      'ExternalAuthConfigValid',
    ],
    [
      'headerInjection',
      { headerInjection: { headerName: 'X-Key', valueSecretRef: secret } },
      'ExternalAuthConfigNotApplied',
    ],
    ['upstreamInject', { upstreamInject: { providerName: 'okta' } }, 'ExternalAuthConfigNotApplied'],
  ];
  const nameOf = (type: string) => `t-${type.toLowerCase()}`;

  beforeAll(async () => {
    await applied(
      aSecret('any', { k: 'v' }),
      ...TYPES.map(([type, members]) => anAuth(nameOf(type), { type, ...members })),
      ...TYPES.map(([type]) => aProxy(nameOf(type), { externalAuthConfigRef: { name: nameOf(type) } })),
    );
  });

  it.each(TYPES)('accepts the type %s', async (type, _members, reason) => {
    const quoted = `MCPExternalAuthConfig '${nameOf(type)}'`;
    const message =
      reason === 'ExternalAuthConfigValid'
        ? `${quoted} is valid`
        : `${quoted} has type ${type}, which only takes effect through a VirtualMCPServer`;
    expect(await said(nameOf(type))).toMatchObject({
      phase: 'Ready',
      conditions: { ExternalAuthConfigValidated: `True ${reason}: ${message}` },
    });
  });
});

describe('an authorization server in an MCPRemoteProxy', () => {
  const SINGLE =
    'MCPRemoteProxy supports only one upstream provider (found 2); use VirtualMCPServer for multi-upstream';
  const PATHS = [
    {
      path: 'a',
      ref: (name: string) => ({ authServerRef: authServerRef(name) }),
      condition: 'AuthServerRefValidated',
      unfit: 'AuthServerRefInvalidConfig',
      advice: '; use VirtualMCPServer',
    },
    {
      path: 'e',
      ref: (name: string) => ({ externalAuthConfigRef: { name } }),
      condition: 'ExternalAuthConfigValidated',
      unfit: 'InvalidConfig',
      advice: '',
    },
  ];
  const MISTAKES: readonly [name: string, server: string, spec: object, problem: string][] = [
    [
      'nooidc',
      'as',
      {},
      'OIDC config is required for embedded auth server: OIDCConfigRef must be set on the MCPServer',
    ],
    [
      'aud',
      'as',
      { oidcConfigRef: { ...oidcConfigRef, audience: 'other' } },
      `oidcConfigRef.audience "other" must match resourceUrl "${RESOURCE}" when an embedded auth server is active; set audience to "${RESOURCE}" or set resourceUrl to match audience`,
    ],
    [
      'deleg',
      'as-deleg',
      { oidcConfigRef },
      'failed to build embedded auth server config: invalid embedded auth server delegate clients or trusted issuers: delegate_clients: client_id "d": audience "https://elsewhere.example.com" is not in allowed_audiences',
    ],
  ];
  const delegateClients = [
    {
      clientId: 'd',
      clientSecretRef: { name: 'any', key: 'k' },
      scopes: ['openid'],
      audiences: ['https://elsewhere.example.com'],
    },
  ];

  beforeAll(async () => {
    await applied(
      anOidc,
      aSecret('any', { k: 'v' }),
      aSecret('as-keys', { current: 'x', hmac: 'y' }),
      aSecret('idp', { secret: 'z' }),
      anAuthServer('as'),
      anAuthServer('as-two', ['okta', 'entra']),
      anAuthServer('as-deleg', ['okta'], { delegateClients }),
      anAuthServer('as-strip', ['okta'], { disableUpstreamTokenInjection: true }),
      anAuthServer('as-baseline', ['okta'], { baselineClientScopes: ['repo'] }),
      anAuth('exchange-out', { type: 'tokenExchange', tokenExchange: TOKEN_EXCHANGE }),
      anAuth('plain', { type: 'unauthenticated' }),
      ...PATHS.flatMap(({ path, ref }) => [
        aProxy(`${path}-two`, { oidcConfigRef, ...ref('as-two') }),
        aProxy(`${path}-baseline`, { oidcConfigRef, ...ref('as-baseline') }),
        ...MISTAKES.map(([name, server, spec]) => aProxy(`${path}-${name}`, { ...spec, ...ref(server) })),
      ]),
      aProxy('plain', { oidcConfigRef, authServerRef: authServerRef('plain') }),
      aProxy('both', {
        oidcConfigRef,
        authServerRef: authServerRef('as'),
        externalAuthConfigRef: { name: 'as-strip' },
      }),
      aProxy('strip-plus-tx', {
        oidcConfigRef,
        authServerRef: authServerRef('as-strip'),
        externalAuthConfigRef: { name: 'exchange-out' },
      }),
      aProxy('plus-tx', {
        oidcConfigRef,
        authServerRef: authServerRef('as'),
        externalAuthConfigRef: { name: 'exchange-out' },
      }),
    );
  });

  describe.each(PATHS)('by the path $path ($condition)', ({ path, ref, condition, unfit, advice }) => {
    it('has one upstream provider', async () => {
      expect(await said(`${path}-two`)).toMatchObject({
        phase: 'Failed',
        message: `MCPRemoteProxy NS/${path}-two: embedded auth server has 2 upstream providers, but only 1 is supported${advice}`,
        conditions: { [condition]: `False MultiUpstreamNotSupported: ${SINGLE}` },
      });
    });

    it.each(MISTAKES)(
      'is refused for %s, and nothing is deployed until it is mended',
      async (name, _server, _spec, problem) => {
        const full = `${path}-${name}`;
        expect(await said(full)).toMatchObject({
          phase: 'Failed',
          message: `Failed to build configuration: ${problem}`,
          conditions: {
            [condition]: `False ${unfit}: ${problem}`,
            Ready: expect.stringMatching(/^False NotReady: Failed to build configuration: /),
          },
        });
        expect(await harness.get(Deployment, full)).toBeUndefined();
      },
    );

    it('heals with the proxy alone', async () => {
      await applied(aProxy(`${path}-nooidc`, { oidcConfigRef, ...ref('as') }));
      const healed = await said(`${path}-nooidc`);
      expect(healed.phase).toBe('Ready');
      expect(healed.conditions[condition]).toMatch(/^True /);
    });

    it('does not start with scopes that it does not support', async () => {
      const problem =
        'baselineClientScopes contains "repo" which is not in the supported scopes [openid profile email offline_access]';
      expect(await said(`${path}-baseline`)).toMatchObject({
        phase: 'Failed',
        message: problem,
        conditions: {
          BaselineScopesValid: `False BaselineScopeNotSupported: ${problem}`,
          Ready: `False BaselineScopeNotSupported: ${problem}`,
        },
      });
      expect(await harness.get(Deployment, `${path}-baseline`)).toBeUndefined();
    });
  });

  it('is what authServerRef must name', async () => {
    const message = `authServerRef 'plain' has type "unauthenticated", but only embeddedAuthServer is supported`;
    expect(await said('plain')).toMatchObject({
      phase: 'Failed',
      message,
      conditions: { AuthServerRefValidated: `False AuthServerRefInvalidType: ${message}` },
    });
  });

  it.each([
    [
      'both',
      'failed to process authServerRef: ',
      'conflict: both authServerRef and externalAuthConfigRef reference an embedded auth server; use authServerRef for the embedded auth server and externalAuthConfigRef for outgoing auth only',
    ],
    [
      'strip-plus-tx',
      'failed to populate middleware configs: ',
      'disableUpstreamTokenInjection cannot be combined with token exchange: token exchange would re-add an Authorization header after strip-auth removes it',
    ],
  ])('does not go with every way out: %s', async (name, step, problem) => {
    expect(await said(name)).toMatchObject({
      phase: 'Failed',
      message: `Failed to build configuration: failed to create RunConfig from MCPRemoteProxy: ${step}${problem}`,
      conditions: {
        AuthServerRefValidated: `False AuthServerRefInvalidConfig: ${problem}`,
        ExternalAuthConfigValidated: expect.stringMatching(/^True /),
      },
    });
    const since = async () =>
      findCondition((await proxy(name)).status?.conditions, 'AuthServerRefValidated')?.lastTransitionTime;
    const before = await since();
    await harness.patch(MCPRemoteProxy, name, { spec: { audit: { enabled: true } } });
    await harness.settle();
    expect(await since()).toBe(before);
  });

  it('swaps the token before it is exchanged', async () => {
    const { middleware_configs: chain } = (await runConfig('plus-tx')) as {
      middleware_configs: readonly { readonly type: string }[];
    };
    expect(chain.map(({ type }) => type)).toEqual([
      'bodylimit',
      'auth',
      'upstreamswap',
      'tokenexchange',
      'mcp-parser',
      'usagemetrics',
      'recovery',
    ]);
  });

  it('brings its keys and secrets, and waits for them', async () => {
    const upstreamProviders = [
      {
        name: 'acme-idp',
        type: 'oidc',
        oidcConfig: {
          issuerUrl: 'https://idp.acme.example',
          clientId: 'c',
          clientSecretRef: { name: 'idp', key: 'secret' },
        },
      },
    ];
    await applied(
      anAuthServer('as-full', [], {
        upstreamProviders,
        signingKeySecretRefs: [{ name: 'as-keys', key: 'current' }],
        hmacSecretRefs: [{ name: 'as-keys', key: 'hmac' }],
      }),
      aProxy('keys', { oidcConfigRef, authServerRef: authServerRef('as-full') }),
    );
    expect(await said('keys')).toMatchObject({ phase: 'Ready' });
    expect((await environment('keys'))?.at(-1)?.name).toBe('TOOLHIVE_UPSTREAM_CLIENT_SECRET_ACME_IDP');
    const spec = await podSpec('keys');
    expect(spec?.volumes?.slice(1)).toMatchObject([
      { name: 'authserver-signing-key-0', secret: { secretName: 'as-keys', defaultMode: 0o400 } },
      { name: 'authserver-hmac-secret-0', secret: { secretName: 'as-keys' } },
    ]);
    expect(spec?.containers[0]?.volumeMounts?.slice(1)).toMatchObject([
      { mountPath: '/etc/toolhive/authserver/keys/key-0.pem', subPath: 'key-0.pem', readOnly: true },
      { mountPath: '/etc/toolhive/authserver/hmac/hmac-0', subPath: 'hmac-0', readOnly: true },
    ]);

    await removed(Secret, 'idp');
    const missing = 'failed to get auth server secret NS/idp: Secret "idp" not found';
    expect(await said('keys')).toMatchObject({
      phase: 'Failed',
      conditions: { AuthServerRefValidated: `False SecretNotFound: ${missing}` },
    });
  });
});

describe('the sessions of an MCPRemoteProxy', () => {
  const defaultRedis = { address: 'default:6379', passwordRef: { name: 'd', key: 'k' } };

  it.each([
    ["the operator's Redis when it names none", undefined, 'default:6379'],
    ['its own Redis', { provider: 'redis', address: 'own:6379' }, 'own:6379'],
    ['no Redis when it asks for memory', { provider: 'memory' }, undefined],
  ] as const)('are kept in %s', (_, sessionStorage, address) => {
    const spec = MCPRemoteProxy.definition.spec.parse({ remoteUrl: URL, sessionStorage });
    const made = desiredObjects(
      { ...aProxy('any'), spec },
      {
        settings: new WorkloadSettings({ defaultRedis }),
        configs: {},
        authz: undefined,
        redis: sessionRedis(spec.sessionStorage, defaultRedis),
        openShift: false,
        live: undefined,
        restart: { deployment: {}, podTemplate: {} },
        fieldManager: 'mcpremoteproxy-controller',
        contents: () => ({ digest: undefined }),
      },
    );
    const configMap = made.find(({ kind }) => kind === 'ConfigMap') as ConfigMap | undefined;
    const config = JSON.parse(configMap?.data?.['runconfig.json'] ?? '{}') as { readonly scaling_config?: object };
    expect(config.scaling_config).toEqual(address && { session_redis: { address } });
    const pod = (made.find(({ kind }) => kind === 'Deployment') as Deployment | undefined)?.spec?.template.spec;
    const password = pod?.containers[0]?.env?.find(({ name }) => name === 'THV_SESSION_REDIS_PASSWORD');
    expect(password?.valueFrom?.secretKeyRef).toEqual(
      address === defaultRedis.address ? defaultRedis.passwordRef : undefined,
    );
  });
});

describe('the API server', () => {
  const policies = { type: 'inline', inline: { policies: [PERMIT] } };

  it.each([
    {
      name: 'policies of its own beside shared ones',
      spec: { authzConfig: policies, authzConfigRef: { name: 'a' } },
      message:
        'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig',
    },
    {
      name: 'a ConfigMap of policies that is not named',
      spec: { authzConfig: { type: 'configMap' } },
      message: "configMap must be set when type is 'configMap', and must not be set otherwise",
    },
    {
      name: 'two places for policies',
      spec: { authzConfig: { ...policies, configMap: { name: 'c' } } },
      message: "configMap must be set when type is 'configMap', and must not be set otherwise",
    },
    {
      name: 'Redis at no address',
      spec: { sessionStorage: { provider: 'redis' } },
      message: 'address is required',
    },
    { name: 'a URL of another scheme', spec: { remoteUrl: 'ftp://x' }, message: 'spec.remoteUrl' },
    { name: 'a server that speaks stdio', spec: { transport: 'stdio' }, message: 'spec.transport' },
    {
      name: 'an authorization server of another kind',
      spec: { authServerRef: { kind: 'MCPOIDCConfig', name: 'a' } },
      message: 'spec.authServerRef.kind',
    },
  ])('refuses an MCPRemoteProxy with $name', async ({ spec, message }) => {
    await expect(harness.apply(aProxy('refused', spec))).rejects.toThrow(message);
  });
});

it('counts a config that a proxy names twice once, and keeps it while it is named', async () => {
  await applied(
    anOidc,
    anAuthServer('twice'),
    aProxy('twice', { oidcConfigRef, authServerRef: authServerRef('twice'), externalAuthConfigRef: { name: 'twice' } }),
  );
  await removed(MCPExternalAuthConfig, 'twice');
  expect(await harness.require(MCPExternalAuthConfig, 'twice')).toHaveCondition('DeletionBlocked', {
    message: 'Cannot delete: referenced by workloads: [{MCPRemoteProxy twice}]',
  });
  await removed(MCPRemoteProxy, 'twice');
  expect(await harness.get(MCPExternalAuthConfig, 'twice')).toBeUndefined();
  expect((await harness.list(Pod)).filter(({ metadata }) => metadata.labels?.['toolhive-name'] === 'twice')).toEqual(
    [],
  );
});

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { operatorPermissions, type PolicyRule } from '@trueup/core';
import { load } from 'js-yaml';
import application from '../../examples/operator/src/operator.js';
import { operatorObjects } from '../../packages/cli/src/generate/operator-objects.js';
import { renderChart, type Rendered } from './chart.js';
import { hasHelm, renderWithHelm } from './helm.js';
import { InstalledOperator } from './installed-operator.js';

const DEPLOY = fileURLToPath(new URL('../../examples/operator/deploy', import.meta.url));
const NAMESPACE = 'operators';
const CHART = path.join(DEPLOY, 'chart');
const CRDS_CHART = path.join(DEPLOY, 'crds-chart');

const NO_MIGRATION = { storageVersionMigrator: false };
const render = (values = {}) => renderChart(CHART, NAMESPACE, values);

/** The only object of a kind; with a name, the one of that name. */
function only(objects: readonly Rendered[], kind: string, name?: string): Rendered {
  const found = objects.filter((each) => each.kind === kind && (name === undefined || each.metadata.name === name));
  expect(found).toHaveLength(1);
  return found[0] as Rendered;
}

interface Pod {
  readonly containers: readonly {
    readonly name: string;
    readonly args?: readonly string[];
    readonly env: readonly { readonly name: string; readonly value?: string }[];
    readonly [field: string]: unknown;
  }[];
  readonly [field: string]: unknown;
}

const podOf = ({ spec }: Rendered) => (spec as { readonly template: { readonly spec: Pod } }).template.spec;
const environment = (values: object) => {
  const env = podOf(only(render(values), 'Deployment')).containers[0]?.env ?? [];
  return Object.fromEntries(env.map(({ name, value }) => [name, value]));
};
const named = (objects: readonly Rendered[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();

describe('the generated manifests', () => {
  it('install an operator that is never refused what it asks for', async () => {
    await using installed = await InstalledOperator.start(Object.values(operatorObjects(application)));
    await installed.playWith(await installed.applySamples('mcp'));
    expect(installed.refused).toEqual([]);
    // For who wants a smaller role: most of these are for kinds that the samples have no objects of.
    if (process.env['SHOW_UNUSED_PERMISSIONS'])
      process.stderr.write(`${installed.unused(operatorPermissions(application.modules).namespaced).join('\n')}\n`);
  });

  it('allow nothing wholesale', () => {
    const { namespaced, cluster, ownNamespace } = operatorPermissions(application.modules);
    expect(cluster).toEqual([]);
    const words = [...namespaced, ...ownNamespace].flatMap((rule) => Object.values(rule).flat());
    expect(words).not.toContain('*');
  });
});

describe('the chart', () => {
  it('installs what people know by these names', () => {
    expect(named(render())).toEqual([
      'ClusterRole toolhive-operator-manager-role',
      'ClusterRoleBinding toolhive-operator-manager-rolebinding',
      'Deployment toolhive-operator',
      'Role toolhive-operator-leader-election-role',
      'RoleBinding toolhive-operator-leader-election-rolebinding',
      'ServiceAccount toolhive-operator',
    ]);
  });

  it('runs the operator as the kustomize base does, with the same permissions', () => {
    const { deployment, 'cluster-role': manager, role } = operatorObjects(application);
    const rendered = render({ operator: { features: NO_MIGRATION } });
    const { serviceAccountName: _account, containers, ...pod } = podOf(only(rendered, 'Deployment'));
    const { serviceAccountName: _other, containers: generated, ...generatedPod } = podOf(deployment as Rendered);
    expect(pod).toEqual(generatedPod);
    expect({ ...containers[0], env: [] }).toEqual({ ...generated[0], env: [], imagePullPolicy: 'IfNotPresent' });
    expect(containers[0]?.env).toEqual(expect.arrayContaining([...(generated[0]?.env ?? [])]));
    expect(only(rendered, 'ClusterRole')['rules']).toEqual((manager as Rendered)['rules']);
    expect(only(rendered, 'Role')['rules']).toEqual((role as Rendered)['rules']);
  });

  it('limits the operator to namespaces', () => {
    const rbac = { scope: 'namespace', allowedNamespaces: ['team-a', 'team-b'] };
    const rendered = render({ operator: { rbac, features: NO_MIGRATION } });
    const bindings = rendered.filter(({ roleRef }) => (roleRef as { name?: string })?.name?.endsWith('manager-role'));
    expect(bindings.map(({ kind, metadata }) => [kind, metadata.namespace])).toEqual([
      ['RoleBinding', 'team-a'],
      ['RoleBinding', 'team-b'],
    ]);
    expect(bindings[0]).toMatchObject({
      metadata: { name: 'toolhive-operator-manager-rolebinding' },
      roleRef: { kind: 'ClusterRole', name: 'toolhive-operator-manager-role' },
      subjects: [{ kind: 'ServiceAccount', name: 'toolhive-operator', namespace: NAMESPACE }],
    });
    const env = podOf(only(rendered, 'Deployment')).containers[0]?.env;
    expect(env).toContainEqual({ name: 'WATCH_NAMESPACE', value: 'team-a,team-b' });
    expect(environment({})).not.toHaveProperty('WATCH_NAMESPACE');
  });

  it.each([
    {
      values: 'the default pull secrets',
      operator: { defaultImagePullSecrets: ['one', { name: 'two' }] },
      env: { TOOLHIVE_DEFAULT_IMAGE_PULL_SECRETS: 'one,two' },
    },
    {
      values: 'a Redis of the operator',
      operator: { defaultRedis: { addr: 'redis:6379', existingSecret: 'redis' } },
      env: {
        TOOLHIVE_DEFAULT_REDIS_ADDR: 'redis:6379',
        TOOLHIVE_DEFAULT_REDIS_SECRET_NAME: 'redis',
        TOOLHIVE_DEFAULT_REDIS_SECRET_KEY: 'redis-password',
      },
    },
    {
      values: 'a Redis of the release',
      global: { redis: { host: 'shared', existingSecret: 'shared', existingSecretKey: 'word' } },
      env: {
        TOOLHIVE_DEFAULT_REDIS_ADDR: 'shared:6379',
        TOOLHIVE_DEFAULT_REDIS_SECRET_NAME: 'shared',
        TOOLHIVE_DEFAULT_REDIS_SECRET_KEY: 'word',
      },
    },
    {
      values: 'images and host',
      operator: { toolhiveRunnerImage: 'r:1', vmcpImage: 'v:1', proxyHost: '::' },
      env: { TOOLHIVE_RUNNER_IMAGE: 'r:1', VMCP_IMAGE: 'v:1', TOOLHIVE_PROXY_HOST: '::' },
    },
  ])('passes on $values', ({ env, operator = {}, global = {} }) => {
    expect(environment({ operator, global })).toMatchObject(env);
  });

  it('says nothing of secrets without a Redis address', () => {
    const env = Object.keys(environment({ operator: { defaultRedis: { existingSecret: 'redis' } } }));
    expect(env.filter((name) => name.includes('REDIS'))).toEqual([]);
  });

  it('has stored objects migrated unless told otherwise, and lets the operator do it', () => {
    const variable = 'TOOLHIVE_ENABLE_STORAGE_VERSION_MIGRATOR';
    const ruleOf = (values: object) =>
      (only(render(values), 'ClusterRole')['rules'] as readonly PolicyRule[]).find(({ resources }) =>
        resources?.includes('customresourcedefinitions/status'),
      );
    expect(environment({})).toMatchObject({ [variable]: 'true' });
    expect(ruleOf({})).toMatchObject({ verbs: ['patch'] });
    const off = { operator: { features: NO_MIGRATION } };
    expect(environment(off)).toMatchObject({ [variable]: 'false' });
    expect(ruleOf(off)).toBeUndefined();
  });

  it("lets its own variables win over the user's", () => {
    const env = { name: 'TOOLHIVE_PROXY_HOST', value: 'mine' };
    expect(environment({ operator: { env: [env, { name: 'OWN', value: 'x' }] } })).toMatchObject({
      TOOLHIVE_PROXY_HOST: '0.0.0.0',
      OWN: 'x',
    });
  });

  it('leaves out a user id where the cluster assigns one', () => {
    const rendered = render({ operator: { containerSecurityContext: { runAsUser: null } } });
    expect(podOf(only(rendered, 'Deployment')).containers[0]?.['securityContext']).not.toHaveProperty('runAsUser');
  });

  it('scales, uses an account of yours, and shows the images of workloads, if told to', () => {
    const rendered = render({
      fullnameOverride: '',
      operator: {
        autoscaling: { enabled: true },
        serviceAccount: { create: false, name: 'mine' },
        imageDiscovery: { enabled: true },
      },
    });
    expect(named(rendered)).toEqual(
      expect.arrayContaining([
        'Deployment mcp-operator',
        'Deployment mcp-operator-image-discovery',
        'HorizontalPodAutoscaler mcp-operator',
      ]),
    );
    expect(named(rendered)).not.toContain('ServiceAccount mine');
    expect(only(rendered, 'ClusterRoleBinding')['subjects']).toMatchObject([{ name: 'mine' }]);
    expect(only(rendered, 'Deployment', 'mcp-operator')['spec']).not.toHaveProperty('replicas');
    expect(only(rendered, 'Deployment', 'mcp-operator-image-discovery')['spec']).toMatchObject({ replicas: 0 });
  });

  it.each([
    { operator: { rbac: { scope: 'namespace' } }, problem: 'needs operator.rbac.allowedNamespaces' },
    {
      operator: { rbac: { scope: 'namespace', allowedNamespaces: ['team-a'] } },
      problem: 'operator.features.storageVersionMigrator requires operator.rbac.scope=cluster: ',
    },
    { operator: { rbac: { scope: 'galaxy' } }, problem: 'operator.rbac.scope is "galaxy"; it must be' },
    { operator: { defaultImagePullSecrets: ['a', {}] }, problem: 'defaultImagePullSecrets[1] is an object without' },
    { operator: { defaultImagePullSecrets: [['a']] }, problem: 'defaultImagePullSecrets[0] is a slice' },
  ])('is not rendered with $operator', ({ operator, problem }) => {
    expect(() => render({ operator })).toThrow(problem);
  });

  it('installs an operator that works in its namespaces, and sees no others', async () => {
    const namespaces = ['team-a', 'team-b'];
    const rbac = { scope: 'namespace', allowedNamespaces: namespaces };
    const objects = render({ operator: { rbac, features: NO_MIGRATION } });
    await using installed = await InstalledOperator.start(objects, { namespaces });
    for (const namespace of namespaces) await installed.applySamples(namespace);
    expect(installed.refused).toEqual([]);
    // The same names in two namespaces have nothing to do with each other.
    const [one, other] = await Promise.all(namespaces.map((namespace) => installed.statuses(namespace)));
    expect(one).toEqual(other);
    await installed.removeServers('team-a');
    expect(await installed.statuses('team-b')).toEqual(other);
  });
});

describe('the chart of the kinds', () => {
  const kinds = application.modules.flatMap((module) => module.kinds);

  it('holds every kind as it is generated, and keeps it when it is uninstalled', async () => {
    const rendered = renderChart(CRDS_CHART, NAMESPACE);
    expect(rendered).toHaveLength(kinds.length);
    for (const { resource } of kinds) {
      const { metadata, ...definition } = only(
        rendered,
        'CustomResourceDefinition',
        `${resource.plural}.${resource.group}`,
      );
      const file = path.join(DEPLOY, '../../../crds', `${resource.plural}.yaml`);
      const { metadata: generated, ...rest } = load(await readFile(file, 'utf8')) as Rendered;
      expect(definition).toEqual(rest);
      expect(metadata).toEqual({ ...generated, annotations: { 'helm.sh/resource-policy': 'keep' } });
    }
  });

  it('installs none, or lets them go, if told to', () => {
    expect(renderChart(CRDS_CHART, NAMESPACE, { crds: { install: false } })).toEqual([]);
    const [first] = renderChart(CRDS_CHART, NAMESPACE, { crds: { keep: false } });
    expect(first?.metadata).not.toHaveProperty('annotations');
  });
});

(hasHelm() ? describe : describe.skip)('Helm', () => {
  const sorted = (objects: readonly Rendered[]) =>
    [...objects].sort((one, other) => (idOf(one) < idOf(other) ? -1 : 1));
  const idOf = ({ kind, metadata: { name, namespace = '' } }: Rendered) => [kind, namespace, name].join('/');

  it.each([
    {},
    { fullnameOverride: '', nameOverride: 'other' },
    { operator: { rbac: { scope: 'namespace', allowedNamespaces: ['team-a', 'team-b'] }, features: NO_MIGRATION } },
    { operator: { defaultImagePullSecrets: ['one', { name: 'two' }], env: [{ name: 'OWN', value: 'x' }] } },
    {
      global: { redis: { host: 'shared', port: 6380, existingSecret: 'shared' } },
      operator: { volumes: [{ name: 'v' }] },
    },
    { operator: { autoscaling: { enabled: true }, imageDiscovery: { enabled: true }, serviceAccount: { name: '' } } },
    { operator: { containerSecurityContext: { runAsUser: null }, podLabels: { a: 'b' }, podAnnotations: { c: 'd' } } },
  ])('renders the chart as these tests do, with %j', (values) => {
    expect(sorted(renderChart(CHART, NAMESPACE, values))).toEqual(sorted(renderWithHelm(CHART, NAMESPACE, values)));
  });

  it('renders the kinds as these tests do', () => {
    expect(sorted(renderChart(CRDS_CHART, NAMESPACE))).toEqual(sorted(renderWithHelm(CRDS_CHART, NAMESPACE)));
  });
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConfigMap, defineKind, defineModule, Mutates, Owns, Pod, Reconciler, Validates } from '@trueup/core';
import { load } from 'js-yaml';
import { z } from 'zod';
import { defineApplication } from '../application.js';
import { staleFiles, writeFolder } from './generated-folder.js';
import { operatorFolders } from './operator-folders.js';
import { WEBHOOK_PORT } from './webhooks.js';

const Widget = defineKind({
  group: 'example.com',
  kind: 'Widget',
  versions: { v1: {} },
  spec: z.object({ size: z.int() }),
});

@Reconciler(Widget)
@Owns(ConfigMap)
class WidgetReconciler {}

const application = defineApplication({
  name: 'widgets',
  modules: [defineModule({ name: 'widgets', kinds: [Widget], reconcilers: [WidgetReconciler] })],
  manifests: 'manifests',
  image: 'registry.example.com/widgets:1.2.3',
});

const Gauge = defineKind({
  group: 'example.com',
  kind: 'Gauge',
  versions: {
    v1: { storage: true },
    v1beta1: { convert: { toStored: () => ({ spec: {} }), fromStored: () => ({ spec: {} }) } },
  },
  spec: z.object({}),
});

class Webhooks {
  @Validates(Gauge)
  valid(): void {}

  @Mutates(Pod)
  measured(): void {}
}

const withWebhooks = defineApplication({
  name: 'gauges',
  modules: [defineModule({ name: 'gauges', kinds: [Gauge], reconcilers: [], webhooks: [Webhooks] })],
  manifests: 'manifests',
});

describe('generated folders', () => {
  let root: string;

  beforeEach(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'trueup-generate-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  const at = (...names: readonly string[]) => path.join(root, ...names);
  const yamlAt = async (...names: readonly string[]) => load(await readFile(at(...names), 'utf8'));
  const folders = () =>
    operatorFolders(application, { crds: at('crds'), kustomize: at('deploy', 'base'), chart: at('deploy', 'chart') });
  const generate = async () => {
    for (const folder of folders()) await writeFolder(folder);
  };

  it('are those that are asked for', () => {
    expect(operatorFolders(application, { crds: 'crds' }).map(({ folder }) => folder)).toEqual(['crds']);
    expect(folders().map(({ folder }) => path.relative(root, folder))).toEqual([
      'crds',
      path.join('deploy', 'base'),
      path.join('deploy', 'chart', 'rbac'),
    ]);
  });

  it('hold a CustomResourceDefinition for each kind, and none of kinds that are no more', async () => {
    await generate();
    await writeFile(at('crds', 'gone.yaml'), 'kind: Gone\n');
    await writeFile(at('crds', 'README.md'), 'by hand\n');
    await generate();
    expect((await readdir(at('crds'))).sort()).toEqual(['README.md', 'kustomization.yaml', 'widgets.yaml']);
    expect(await yamlAt('crds', 'widgets.yaml')).toMatchObject({
      kind: 'CustomResourceDefinition',
      metadata: { name: 'widgets.example.com' },
    });
  });

  it('hold everything that the operator is installed as, listed for kustomize', async () => {
    await generate();
    const files = await readdir(at('deploy', 'base'));
    const { resources } = (await yamlAt('deploy', 'base', 'kustomization.yaml')) as { resources: readonly string[] };
    expect([...resources].sort()).toEqual(
      [path.join('..', '..', 'crds'), ...files.filter((name) => name !== 'kustomization.yaml')].sort(),
    );
    expect(await yamlAt('deploy', 'base', 'deployment.yaml')).toMatchObject({
      metadata: { name: 'widgets', namespace: 'widgets-system' },
      spec: { template: { spec: { containers: [{ image: 'registry.example.com/widgets:1.2.3' }] } } },
    });
    expect(await yamlAt('deploy', 'base', 'cluster-role.yaml')).toMatchObject({
      rules: expect.arrayContaining([
        { apiGroups: ['example.com'], resources: ['widgets'], verbs: ['get', 'list', 'watch'] },
      ]),
    });
  });

  it('give the templates of a chart the same rules', async () => {
    await generate();
    const { rules } = (await yamlAt('deploy', 'base', 'cluster-role.yaml')) as { rules: unknown };
    expect(await yamlAt('deploy', 'chart', 'rbac', 'namespaced.yaml')).toEqual(rules);
    expect(await yamlAt('deploy', 'chart', 'rbac', 'cluster.yaml')).toEqual([]);
    const { rules: own } = (await yamlAt('deploy', 'base', 'role.yaml')) as { rules: unknown };
    expect(await yamlAt('deploy', 'chart', 'rbac', 'own-namespace.yaml')).toEqual(own);
  });

  it('lead the API server to the webhooks of an operator that has some', async () => {
    const targets = { crds: at('crds'), kustomize: at('deploy', 'base'), chart: at('deploy', 'chart') };
    for (const folder of operatorFolders(withWebhooks, targets)) await writeFolder(folder);
    const service = { name: 'gauges-webhook', namespace: 'gauges-system', port: 443 };
    expect(await yamlAt('crds', 'gauges.yaml')).toMatchObject({
      spec: {
        conversion: {
          strategy: 'Webhook',
          webhook: { clientConfig: { service: { ...service, path: '/convert/gauges.example.com' } } },
        },
      },
    });
    expect(await yamlAt('deploy', 'base', 'webhook-service.yaml')).toMatchObject({
      metadata: { name: service.name, namespace: service.namespace },
      spec: {
        selector: { 'app.kubernetes.io/name': 'gauges' },
        ports: [{ port: 443, targetPort: 'webhook' }],
        publishNotReadyAddresses: true,
      },
    });
    expect(await yamlAt('deploy', 'base', 'deployment.yaml')).toMatchObject({
      spec: {
        template: { spec: { containers: [{ ports: expect.arrayContaining([WEBHOOK_PORT]) }] } },
      },
    });
    const validating = {
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'gauges' },
      webhooks: [{ clientConfig: { service: { ...service, path: '/validate/gauges.example.com/valid' } } }],
    };
    expect(await yamlAt('deploy', 'base', 'validating-webhooks.yaml')).toMatchObject(validating);
    expect(await yamlAt('deploy', 'chart', 'webhooks', 'validating.yaml')).toMatchObject(validating.webhooks);
    expect(await yamlAt('deploy', 'base', 'mutating-webhooks.yaml')).toMatchObject({
      webhooks: [
        { namespaceSelector: { matchExpressions: [{ operator: 'NotIn', values: ['kube-system', 'gauges-system'] }] } },
      ],
    });
    expect(await yamlAt('deploy', 'chart', 'rbac', 'cluster.yaml')).toContainEqual(
      expect.objectContaining({
        resources: ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'],
        resourceNames: ['gauges'],
      }),
    );
  });

  it('are found stale when a file is edited, missing or left over', async () => {
    const stale = async () =>
      (await Promise.all(folders().map(staleFiles))).flat().map((file) => path.relative(root, file));
    expect(await stale()).toHaveLength(folders().reduce((sum, { files }) => sum + files.size, 0));
    await generate();
    expect(await stale()).toEqual([]);
    await writeFile(at('crds', 'widgets.yaml'), 'edited\n');
    await writeFile(at('deploy', 'base', 'other.yaml'), 'left over\n');
    await rm(at('deploy', 'chart', 'rbac', 'cluster.yaml'));
    expect(await stale()).toEqual([
      path.join('crds', 'widgets.yaml'),
      path.join('deploy', 'base', 'other.yaml'),
      path.join('deploy', 'chart', 'rbac', 'cluster.yaml'),
    ]);
  });
});

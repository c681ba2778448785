import { expect } from '@jest/globals';
import { ControlPlane, type PermissionRecord } from '@trueup/control-plane';
import {
  findCondition,
  installKinds,
  Operator,
  ServiceAccount,
  type CustomObject,
  type KubernetesObject,
  type OperatorModule,
  type PolicyRule,
} from '@trueup/core';
import { Client, clusterFromToken } from '@trueup/kube';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPServer } from '@trueup/mcp-server';
import { pino } from 'pino';
import application from '../../examples/operator/src/operator.js';
import { applyManifests } from '../../packages/cli/src/run/apply-manifests.js';
import { readManifests } from '../../packages/cli/src/run/manifest-files.js';

const modules: readonly OperatorModule[] = application.modules;
const kinds = modules.flatMap((module) => module.kinds);
const TIMEOUT_MS = 30_000;

/** The sample operator, running with the service account and the roles that some manifests install. */
export class InstalledOperator implements AsyncDisposable {
  private constructor(
    readonly controlPlane: ControlPlane,
    readonly admin: Client,
    private readonly operator: Operator,
    private readonly user: string,
  ) {}

  /** @param namespaces - Those it watches. Default: all. */
  static async start(
    objects: readonly KubernetesObject[],
    { namespaces = [] }: { readonly namespaces?: readonly string[] } = {},
  ): Promise<InstalledOperator> {
    const account = objects.find(({ kind }) => kind === ServiceAccount.resource.kind)?.metadata;
    const { namespace = '', name } = account ?? { name: '' };
    const controlPlane = await ControlPlane.start({ tls: false });
    application.prepare?.(controlPlane);
    const admin = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }));
    await installKinds(admin, kinds, AbortSignal.timeout(TIMEOUT_MS));
    await apply(admin, objects);
    const user = `system:serviceaccount:${namespace}:${name}`;
    const operator = await Operator.create({
      modules,
      namespaces,
      connection: clusterFromToken({ server: controlPlane.url, token: controlPlane.issueToken({ user }), namespace }),
      logger: pino({ level: 'silent' }),
    });
    const installed = new InstalledOperator(controlPlane, admin, operator, user);
    try {
      await operator.start();
    } catch (error) {
      await installed[Symbol.asyncDispose]();
      throw error;
    }
    return installed;
  }

  /** Applies the samples in a namespace; all servers must become ready. */
  async applySamples(namespace: string): Promise<readonly KubernetesObject[]> {
    const { manifests } = await readManifests([application.manifests]);
    const samples = manifests.map(({ object }) => inNamespace(object, namespace));
    await apply(this.admin, samples);
    await this.settle();
    const readiness = await this.#readiness(samples);
    expect(readiness).toEqual(readiness.map(() => 'True'));
    return samples;
  }

  /** A config of the samples breaks and heals, servers are restarted at once, and everything is removed. */
  async playWith(samples: readonly KubernetesObject[]): Promise<void> {
    const config = samples.find(({ kind }) => kind === MCPExternalAuthConfig.resource.kind);
    const servers = samples.filter(({ kind }) => kind === MCPServer.resource.kind);
    if (config === undefined) throw new Error('the samples have no MCPExternalAuthConfig');
    const patchConfig = async (spec: object) => {
      await this.admin.mergePatch(MCPExternalAuthConfig.resource, config.metadata, { spec });
      await this.settle();
    };

    await patchConfig({ type: 'obo', tokenExchange: null, obo: {} });
    expect(await this.#readiness(servers)).toContain('False');
    await patchConfig({ ...specOf(config), obo: null });

    const annotations = {
      'mcpserver.toolhive.stacklok.dev/restarted-at': '2030-01-01T00:00:00Z',
      'mcpserver.toolhive.stacklok.dev/restart-strategy': 'immediate',
    };
    for (const { metadata } of servers)
      await this.admin.mergePatch(MCPServer.resource, metadata, { metadata: { annotations } });
    await this.settle();
    expect(await this.#readiness(servers)).toEqual(servers.map(() => 'True'));

    for (const { resource } of kinds) {
      const { items } = await this.admin.list(resource);
      for (const { metadata } of items) await this.admin.delete(resource, metadata);
    }
    await this.settle();
    const left = await Promise.all(kinds.map(({ resource }) => this.admin.list(resource)));
    expect(left.flatMap(({ items }) => items)).toEqual([]);
  }

  /** What the objects of a namespace say of themselves, whichever namespace it is. */
  async statuses(namespace: string): Promise<ReadonlyMap<string, unknown>> {
    const lists = await Promise.all(kinds.map(({ resource }) => this.admin.list(resource, { namespace })));
    const plain = (status: unknown) =>
      JSON.parse(
        JSON.stringify(status ?? null)
          .replaceAll(namespace, 'NS')
          .replaceAll(/"lastTransitionTime":"[^"]*"/g, '"lastTransitionTime":"some"'),
      ) as unknown;
    return new Map(
      lists.flatMap(({ items }) =>
        items.map((item) => [`${item.kind}/${item.metadata.name}`, plain('status' in item ? item.status : null)]),
      ),
    );
  }

  async removeServers(namespace: string): Promise<void> {
    const { items } = await this.admin.list(MCPServer.resource, { namespace });
    for (const { metadata } of items) await this.admin.delete(MCPServer.resource, metadata);
    await this.settle();
  }

  async settle(): Promise<void> {
    let reconciles: number;
    do {
      reconciles = this.operator.reconcileCount;
      await this.controlPlane.settle({ timeoutMs: TIMEOUT_MS });
      await this.operator.settle({ timeoutMs: TIMEOUT_MS });
    } while (this.operator.reconcileCount !== reconciles || !this.controlPlane.isIdle);
  }

  /** What it asked for and was not allowed. */
  get refused(): readonly PermissionRecord[] {
    return this.#needed.filter(({ allowed }) => !allowed);
  }

  /** Of some rules, the permissions it has not asked for. */
  unused(rules: readonly PolicyRule[]): readonly string[] {
    const used = new Set(this.#needed.flatMap((record) => (record.type === 'resource' ? [permissionOf(record)] : [])));
    const all = rules.flatMap(({ apiGroups = [], resources = [], verbs }) =>
      apiGroups.flatMap((group) =>
        resources.flatMap((resource) => verbs.map((verb) => `${verb} ${group}/${resource}`)),
      ),
    );
    return all.filter((permission) => !used.has(permission));
  }

  /** The status of the condition Ready of the MCPServers among some objects. */
  async #readiness(objects: readonly KubernetesObject[]): Promise<readonly (string | undefined)[]> {
    const servers = objects.filter(({ kind }) => kind === MCPServer.resource.kind);
    return Promise.all(
      servers.map(async ({ metadata }) => {
        const { status } = await this.admin.get<ObjectWithConditions>(MCPServer.resource, metadata);
        return findCondition(status?.conditions, 'Ready')?.status;
      }),
    );
  }

  get #needed(): readonly PermissionRecord[] {
    return this.controlPlane.permissions.records(this.user);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.operator.stop();
    await this.admin.close();
    await this.controlPlane.stop();
  }
}

type ObjectWithConditions = CustomObject<unknown, { readonly conditions?: Parameters<typeof findCondition>[0] }>;

async function apply(client: Client, objects: readonly KubernetesObject[]): Promise<void> {
  const manifests = objects.map((object) => ({ source: 'manifests', object }));
  const { refusals } = await applyManifests(client, manifests, {
    createNamespaces: true,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  expect(refusals).toEqual([]);
}

function specOf(object: KubernetesObject | undefined): object {
  return object !== undefined && 'spec' in object ? Object(object.spec) : {};
}

/** The samples name their own namespace; what is in it moves into another one. */
function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  if (object.metadata.namespace === undefined) return object;
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function permissionOf(record: PermissionRecord & { readonly type: 'resource' }): string {
  const { verb, group, resource, subresource } = record;
  return `${verb} ${group}/${resource}${subresource === undefined ? '' : `/${subresource}`}`;
}

import { ControlPlane, type Behaviour } from '@trueup/control-plane';
import { customResourceDefinition, Operator, type OperatorModule } from '@trueup/core';
import {
  ApiError,
  Client,
  clusterFromToken,
  isAlreadyExists,
  isNotFound,
  type KubernetesObject,
  type ResourceType,
} from '@trueup/kube';
import { playProxyRunner, WorkloadSettings } from '@trueup/mcp-workload';
import { OperatorAccount } from '@trueup/testing';
import { VirtualServerSettings } from '@trueup/virtual-mcp-server';
import { pino } from 'pino';
import { comparable, differencesBetween, type Difference, type Objects } from './differences.js';
import type { Deed, RecordedObject, Recording } from './recordings.js';

/** Kinds whose objects a recording shows, besides those of the operator. */
const BUILTIN_KINDS = [
  { group: '', version: 'v1', kind: 'ConfigMap' },
  { group: '', version: 'v1', kind: 'Secret' },
  { group: '', version: 'v1', kind: 'Service' },
  { group: '', version: 'v1', kind: 'ServiceAccount' },
  { group: 'apps', version: 'v1', kind: 'Deployment' },
  { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'Role' },
  { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'RoleBinding' },
];
/** What every namespace has. */
const OF_THE_NAMESPACE = new Set(['ServiceAccount/default', 'ConfigMap/kube-root-ca.crt']);
const CRD = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
const NAMESPACE = { group: '', version: 'v1', kind: 'Namespace' };
/** The images of the operator that was recorded. */
const VMCP_AS_RECORDED = new VirtualServerSettings({ image: 'ghcr.io/stacklok/toolhive/vmcp:v0.44.0' });
const AS_RECORDED = new WorkloadSettings({ runnerImage: 'ghcr.io/stacklok/toolhive/proxyrunner:v0.44.0' });
/** How a recording says that the runner of a proxy makes no backend. */
const WITHOUT_BACKEND = 'nosts:';
const SETTLE_TIMEOUT_MS = 60_000;

/** A difference in one step of one recording. */
export interface FoundDifference extends Difference {
  readonly recording: string;
  readonly step: number;
}

export interface Stage {
  readonly modules: readonly OperatorModule[];
  /** CustomResourceDefinitions of kinds that are not the operator's. */
  readonly foreign: readonly RecordedObject[];
  /** False: without the rules of the CRDs, to hear what controllers say of what admission refuses. */
  readonly hasRules: boolean;
}

/**
 * Plays recordings on the embedded control plane with our operator, each in its namespace: the first step of all, then
 * the second, and so on. Returns where ours came to rest otherwise than recorded.
 */
export async function play(recordings: readonly Recording[], stage: Stage): Promise<readonly FoundDifference[]> {
  // Recorded where pods run whether or not their service account is there.
  const controlPlane = await ControlPlane.start({ tls: false, controllers: { serviceAccounts: false } });
  const withoutBackend = new Set<string>();
  controlPlane.workloads?.onImage(/proxyrunner/, async (context) => {
    const { namespace, labels } = context.pod.metadata;
    if (!withoutBackend.has(`${String(namespace)}/${String(labels?.['toolhive-name'])}`))
      await playProxyRunner(context);
  });
  const client = new Client(clusterFromToken({ server: controlPlane.url, token: controlPlane.token }), {
    userAgent: 'trueup-golden',
  });
  const account = await OperatorAccount.create(controlPlane, stage.modules, {
    namespace: 'kube-system',
    watches: 'all',
  });
  const operator = await Operator.create({
    modules: stage.modules,
    connection: account.connection,
    logger: pino({ level: 'silent' }),
    digestKey: 'golden',
    register: (container) => {
      container.registerInstance(WorkloadSettings, AS_RECORDED);
      container.registerInstance(VirtualServerSettings, VMCP_AS_RECORDED);
    },
  });
  try {
    const kinds = [...new Set(stage.modules.flatMap((module) => module.kinds))];
    const definitions = [...kinds.map((kind) => customResourceDefinition(kind)), ...stage.foreign];
    for (const definition of definitions) {
      const installed = stage.hasRules ? definition : (withoutRules(definition) as KubernetesObject);
      await client.apply(await client.discover(CRD), installed, { fieldManager: 'golden', force: true });
    }
    for (const { namespace } of recordings) {
      const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
      await client.create(await client.discover(NAMESPACE), object);
    }
    await operator.start();
    const settled = async () => {
      let reconciles: number;
      do {
        account.signal.throwIfAborted();
        reconciles = operator.reconcileCount;
        await controlPlane.settle({ timeoutMs: SETTLE_TIMEOUT_MS });
        await operator.settle({ timeoutMs: SETTLE_TIMEOUT_MS });
      } while (operator.reconcileCount !== reconciles || !controlPlane.isIdle);
    };

    const player = new Player(
      client,
      controlPlane,
      [...kinds.map(({ resource }) => resource), ...stage.foreign.map(kindDefinedBy), ...BUILTIN_KINDS],
      withoutBackend,
    );
    const found: FoundDifference[] = [];
    const before = new Map<string, Objects>();
    for (let step = 0; recordings.some(({ steps }) => step < steps.length); step += 1) {
      const playing = recordings.filter(({ steps }) => step < steps.length);
      for (const recording of playing) {
        for (const deed of recording.steps[step]?.deeds ?? []) await player.do(deed, recording.namespace);
      }
      await settled();
      const objects = await player.objects();
      for (const { name, namespace, steps } of playing) {
        const ours = comparable(objects.get(namespace) ?? []);
        const differences = differencesBetween({
          recorded: comparable(steps[step]?.result ?? []),
          ours,
          oursBefore: before.get(namespace) ?? new Map(),
        });
        before.set(namespace, ours);
        for (const each of differences) {
          const refusal = each.ours === undefined ? player.refusals.get(`${namespace} ${each.where}`) : undefined;
          found.push({ ...each, ...(refusal === undefined ? {} : { ours: refusal }), recording: name, step: step + 1 });
        }
      }
    }
    account.close();
    return found;
  } finally {
    await operator.stop();
    await client.close();
    await controlPlane.stop();
  }
}

class Player {
  /** What the server said to objects it did not take, by namespace, kind and name. */
  readonly refusals = new Map<string, string>();

  constructor(
    private readonly client: Client,
    private readonly controlPlane: ControlPlane,
    private readonly kinds: readonly { readonly group: string; readonly version: string; readonly kind: string }[],
    /** The proxies whose runner makes no backend, by namespace and name. */
    private readonly withoutBackend: Set<string>,
  ) {}

  async do(deed: Deed, namespace: string): Promise<void> {
    switch (deed.do) {
      case 'behave':
        for (const [name, behaviour] of Object.entries(deed.behaviours)) {
          if (name.startsWith(WITHOUT_BACKEND)) {
            this.withoutBackend.add(`${namespace}/${name.slice(WITHOUT_BACKEND.length)}`);
            continue;
          }
          const which = name === '*' ? {} : { name };
          this.controlPlane.workloads?.behave({ namespace, ...which, behaviour: behaviour as Behaviour });
        }
        return;
      case 'apply':
        return this.#try(`${deed.object.kind}/${deed.object.metadata.name}`, namespace, async () => {
          const { apiVersion, kind } = deed.object;
          const [group = '', version = ''] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
          await this.#createOrReplace(await this.client.discover({ group, version, kind }), deed.object);
        });
      case 'patch':
        return this.#try(`${deed.kind}/${deed.name}`, namespace, async () => {
          const where = { namespace, name: deed.name };
          const options = deed.status ? { subresource: 'status' } : {};
          await this.client.mergePatch(await this.#resource(deed.kind), where, deed.body, options);
        });
      case 'delete':
        return this.client
          .delete(await this.#resource(deed.kind), { namespace, name: deed.name })
          .then(() => undefined);
    }
  }

  /** Everything there is now, by namespace. */
  async objects(): Promise<ReadonlyMap<string, readonly RecordedObject[]>> {
    const found = new Map<string, RecordedObject[]>();
    for (const kind of this.kinds) {
      const { items } = await this.client.list<RecordedObject>(await this.client.discover(kind));
      for (const item of items) {
        const { namespace = '', name } = item.metadata;
        if (OF_THE_NAMESPACE.has(`${kind.kind}/${name}`) || isOfStandIn({ ...item, kind: kind.kind })) continue;
        found.set(namespace, [...(found.get(namespace) ?? []), { ...item, kind: kind.kind }]);
      }
    }
    return found;
  }

  async #createOrReplace(resource: ResourceType, object: RecordedObject): Promise<void> {
    try {
      await this.client.create(resource, object);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const { metadata } = await this.client.get(resource, object.metadata);
      await this.client.replace(resource, { ...object, metadata: { ...metadata, ...object.metadata } });
    }
  }

  async #resource(kind: string) {
    const known = this.kinds.find((each) => each.kind === kind);
    return this.client.discover(known ?? { group: 'toolhive.stacklok.dev', version: 'v1beta1', kind });
  }

  /** Some of what was recorded is refused, there as here; what we refuse beyond that is a difference to explain. */
  async #try(name: string, namespace: string, write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      // An edit of what was refused has nothing to edit.
      if (isNotFound(error) && this.refusals.has(`${namespace} ${name}`)) return;
      if (isNotFound(error)) throw error;
      this.refusals.set(`${namespace} ${name}`, `refused: ${error.message}`);
    }
  }
}

function kindDefinedBy(definition: RecordedObject) {
  const { group, versions, names } = definition['spec'] as {
    readonly group: string;
    readonly versions: readonly { readonly name: string; readonly storage: boolean }[];
    readonly names: { readonly kind: string };
  };
  return { group, version: versions.find(({ storage }) => storage)?.name ?? '', kind: names.kind };
}

/** The Services of servers, which the proxy runner makes, were no part of the recordings. */
function isOfStandIn({ kind, metadata }: RecordedObject): boolean {
  return kind === 'Service' && metadata.ownerReferences === undefined;
}

function withoutRules(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutRules);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== 'x-kubernetes-validations')
      .map(([name, member]) => [name, withoutRules(member)]),
  );
}

import type { Client, KubernetesObject, NamespacedName, Store } from '@trueup/kube';
import type { WatchDefinition } from '../engine/definition.js';
import { withSpec } from '../engine/with-spec.js';
import type { KindOf } from '../kind/kind.js';
import { conditionOf, referencesBy, type DeclaredReference } from './config-refs.js';

/** An object that names a config; it is in the config's own namespace. */
export interface ReferencingWorkload {
  readonly kind: string;
  readonly name: string;
}

/** Such an object with what its references tell the config about it. */
export interface ConfigUser extends ReferencingWorkload {
  readonly told: Readonly<Record<string, unknown>>;
}

/** The index of consumers by the configs they name, for one reference or family. */
export function referenceIndex(ref: DeclaredReference): string {
  return `reference:${conditionOf(ref)}`;
}

/** Namespace and name of the configs an object references, each once: the keys of that index. */
export function referencedConfigs(ref: DeclaredReference, consumer: KubernetesObject): readonly NamespacedName[] {
  const { namespace } = consumer.metadata;
  const names = namesIn(ref, withSpec(consumer));
  return [...new Set(names)].map((name) => (namespace === undefined ? { name } : { namespace, name }));
}

/** A spec too odd to be read names nothing; the object's own reconcile says what is wrong with it. */
function namesIn(ref: DeclaredReference, object: KubernetesObject): readonly string[] {
  try {
    return referencesBy(ref, object).flatMap((each) => each.name(object) || []);
  } catch {
    return [];
  }
}

/** Finds who references a config through any of the references that were declared to its kind. */
export class ReferencingWorkloads {
  constructor(
    private readonly refs: readonly DeclaredReference[],
    private readonly stores: { store<T extends KubernetesObject>(kind: KindOf<T>): Store<T> },
  ) {}

  /** A workload that takes up, drops or moves its reference, or tells something new, concerns the configs it names. */
  get watches(): readonly WatchDefinition[] {
    return this.refs.map((ref) => ({
      kind: ref.from,
      map: (consumer) => referencedConfigs(ref, consumer),
      when: 'mapping',
      ...(ref.tells !== undefined && { tells: (consumer) => toldBy(ref, consumer) }),
    }));
  }

  /** From the cache's indexes, sorted by kind and name. */
  cached(config: NamespacedName): readonly ConfigUser[] {
    const users = new Map<string, ConfigUser>();
    for (const ref of this.refs) {
      for (const consumer of this.stores.store(ref.from).byIndex(referenceIndex(ref), indexKey(config))) {
        const workload = workloadOf(consumer);
        const known = users.get(workloadKey(workload));
        users.set(workloadKey(workload), { ...workload, told: { ...known?.told, ...toldBy(ref, consumer) } });
      }
    }
    return [...users.values()].sort(byKindAndName);
  }

  /**
   * From the API server itself, not from any cache: a workload may have taken up the reference since. For the decision
   * to let go of a config.
   */
  async live(config: NamespacedName, client: Client): Promise<readonly ReferencingWorkload[]> {
    const found: (readonly ReferencingWorkload[])[] = [];
    for (const kind of new Set(this.refs.map((ref) => ref.from))) {
      const refs = this.refs.filter((ref) => ref.from === kind);
      const { namespace } = config;
      let ofKind: readonly KubernetesObject[] = [];
      for await (const page of client.pages(kind.resource, namespace === undefined ? {} : { namespace })) {
        const users = page.items.filter((item) =>
          refs.some((ref) => referencedConfigs(ref, item).some(({ name }) => name === config.name)),
        );
        ofKind = page.index === 0 ? users : [...ofKind, ...users];
      }
      found.push(ofKind.map(workloadOf));
    }
    return sortedDistinct(found.flat());
  }
}

export function indexKey({ namespace, name }: NamespacedName): string {
  return `${namespace ?? ''}/${name}`;
}

function workloadOf(object: KubernetesObject): ReferencingWorkload {
  return { kind: object.kind, name: object.metadata.name };
}

function toldBy(ref: DeclaredReference, consumer: KubernetesObject): Readonly<Record<string, unknown>> {
  try {
    return ref.tells?.(withSpec(consumer)) ?? {};
  } catch {
    return {};
  }
}

function sortedDistinct(workloads: readonly ReferencingWorkload[]): readonly ReferencingWorkload[] {
  return [...new Map(workloads.map((workload) => [workloadKey(workload), workload])).values()].sort(byKindAndName);
}

const workloadKey = ({ kind, name }: ReferencingWorkload) => `${kind}/${name}`;

const byKindAndName = (a: ReferencingWorkload, b: ReferencingWorkload) =>
  compare(a.kind, b.kind) || compare(a.name, b.name);

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

import type { Client, KubernetesObject, NamespacedName, Store } from '@trueup/kube';
import { withSpec } from '../engine/with-spec.js';
import type { KindOf } from '../kind/kind.js';
import { conditionOf, referencesBy, type DeclaredReference } from '../references/config-refs.js';

/** An object that names a config; it is in the config's own namespace. */
export interface ReferencingWorkload {
  readonly kind: string;
  readonly name: string;
}

/** The index of consumers by the configs they name, for one reference or family. */
export function referenceIndex(ref: DeclaredReference): string {
  return `reference:${conditionOf(ref)}`;
}

/** Namespace and name of the configs an object references, each once: the keys of that index. */
export function referencedConfigs(ref: DeclaredReference, consumer: KubernetesObject): readonly NamespacedName[] {
  const { namespace } = consumer.metadata;
  const object = withSpec(consumer);
  const names = referencesBy(ref, object).flatMap((each) => each.name(object) || []);
  return [...new Set(names)].map((name) => (namespace === undefined ? { name } : { namespace, name }));
}

/** Finds who references a config through any of the references that were declared to its kind. */
export class ReferencingWorkloads {
  constructor(
    private readonly refs: readonly DeclaredReference[],
    private readonly stores: { store<T extends KubernetesObject>(kind: KindOf<T>): Store<T> },
    private readonly client: Client,
  ) {}

  /** From the cache's indexes. */
  cached(config: NamespacedName): readonly ReferencingWorkload[] {
    return sortedDistinct(
      this.refs.flatMap((ref) =>
        this.stores.store(ref.from).byIndex(referenceIndex(ref), indexKey(config)).map(workloadOf),
      ),
    );
  }

  /**
   * From the API server itself, not from any cache: a workload may have taken up the reference since. For the decision
   * to let go of a config.
   */
  async live(config: NamespacedName, signal: AbortSignal): Promise<readonly ReferencingWorkload[]> {
    const found: (readonly ReferencingWorkload[])[] = [];
    for (const kind of new Set(this.refs.map((ref) => ref.from))) {
      const refs = this.refs.filter((ref) => ref.from === kind);
      const { namespace } = config;
      let ofKind: readonly KubernetesObject[] = [];
      for await (const page of this.client.pages(kind.resource, {
        signal,
        ...(namespace === undefined ? {} : { namespace }),
      })) {
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

function sortedDistinct(workloads: readonly ReferencingWorkload[]): readonly ReferencingWorkload[] {
  const byKey = new Map(workloads.map((workload) => [`${workload.kind}/${workload.name}`, workload]));
  return [...byKey.values()].sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

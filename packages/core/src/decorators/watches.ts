import { nameOf, type KubernetesObject, type NamespacedName } from '@trueup/kube';
import { DecoratorError } from '../errors.js';
import type { WatchCaches } from '../engine/definition.js';
import { withSpec } from '../engine/with-spec.js';
import type { KindOf } from '../kind/kind.js';
import { addWatch, watchesOf } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

export interface WatchesOptions<T extends KubernetesObject> {
  /**
   * Names the objects of the reconciled kind that a change of this object concerns. Called with the state before and the
   * state after a change; the objects named by either are reconciled.
   */
  map(object: T, caches: WatchCaches): readonly NamespacedName[];
  /**
   * What of the object matters to those it concerns, as plain JSON: a change of nothing else reconciles nobody, and of a
   * burst of changes they see the outcome, within a second. For objects that change often, or of which many concern one.
   * Default: every change of anything matters, at once.
   */
  tells?(object: T): unknown;
}

export interface Watch {
  readonly kind: KindOf;
  map(object: KubernetesObject, caches: WatchCaches): readonly NamespacedName[];
  tells?(object: KubernetesObject): unknown;
}

/** Declares a further kind whose changes matter. */
export function Watches<T extends KubernetesObject>(kind: KindOf<T>, options: WatchesOptions<T>) {
  return (target: Constructor): void => {
    if (watchesOf(target).some((watch) => watch.kind.resource === kind.resource)) {
      throw new DecoratorError('Watches', target, `${kind.resource.kind} is watched twice; merge the two mappings`);
    }
    const { map, tells } = options;
    // What comes from the watch of a kind is of that kind.
    addWatch(target, { kind, map, ...(tells && { tells: (object) => tells(withSpec(object) as T) }) });
  };
}

/**
 * A mapping for {@link Watches}: a change concerns the objects of the reconciled kind, in the same namespace, that have
 * something in common with the changed one, like the name of a group. What several watches have in common costs one index.
 *
 * @param watched - What a watched object goes by; undefined: it concerns nobody.
 * @param reconciled - The same of an object of the reconciled kind; one function for all watches that have it in common.
 *
 * @example
 * ```ts
 * const servedGroup = ({ spec }: Gateway) => spec.groupName;
 *
 * @Watches(Backend, joinedBy(({ spec }: Backend) => spec.groupName, servedGroup))
 * ```
 */
export function joinedBy<Watched extends KubernetesObject, Reconciled extends KubernetesObject>(
  watched: (object: Watched) => string | undefined,
  reconciled: (object: Reconciled) => string | undefined,
): WatchesOptions<Watched> {
  const { index, keys } = joinIndex(reconciled);
  return {
    map(object, { reconciled: store }) {
      store.addIndex(index, keys);
      return keysOf(object, watched(withSpec(object))).flatMap((key) => store.byIndex(index, key).map(nameOf));
    },
  };
}

interface JoinIndex {
  readonly index: string;
  readonly keys: (object: KubernetesObject) => readonly string[];
}

const joinIndexes = new Map<unknown, JoinIndex>();

function joinIndex<Reconciled extends KubernetesObject>(
  reconciled: (object: Reconciled) => string | undefined,
): JoinIndex {
  const known = joinIndexes.get(reconciled);
  if (known !== undefined) return known;
  const made: JoinIndex = {
    index: `joined:${joinIndexes.size}`,
    // The store of the reconciled kind holds no others.
    keys: (object) => keysOf(object, reconciled(withSpec(object) as Reconciled)),
  };
  joinIndexes.set(reconciled, made);
  return made;
}

function keysOf({ metadata: { namespace } }: KubernetesObject, text: string | undefined): readonly string[] {
  return text === undefined || text === '' ? [] : [JSON.stringify([namespace, text])];
}

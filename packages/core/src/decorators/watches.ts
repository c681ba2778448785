import type { KubernetesObject, NamespacedName } from '@trueup/kube';
import { DecoratorError } from '../errors.js';
import type { KindOf } from '../kind/kind.js';
import { addWatch, watchesOf } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

export interface WatchesOptions<T extends KubernetesObject> {
  /**
   * Names the objects of the reconciled kind that a change of this object concerns. Called with the state before and the
   * state after a change; the objects named by either are reconciled.
   */
  map(object: T): readonly NamespacedName[];
}

export interface Watch {
  readonly kind: KindOf;
  map(object: KubernetesObject): readonly NamespacedName[];
}

/** Declares a further kind whose changes matter. */
export function Watches<T extends KubernetesObject>(kind: KindOf<T>, options: WatchesOptions<T>) {
  return (target: Constructor): void => {
    if (watchesOf(target).some((watch) => watch.kind.resource === kind.resource)) {
      throw new DecoratorError('Watches', target, `${kind.resource.kind} is watched twice; merge the two mappings`);
    }
    addWatch(target, { kind, map: options.map });
  };
}

import type { OwnershipOptions } from '../engine/ownership.js';
import type { KindOf } from '../kind/kind.js';
import { addOwnedKinds } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

/**
 * Declares the kinds of children that `desired` may return. A change of a child reconciles its owner; a child that is no
 * longer desired is removed. Options come last and hold for the kinds before them.
 *
 * @example
 * ```ts
 * @Owns(ConfigMap, Deployment)
 * @Owns(PersistentVolumeClaim, { orphan: true })
 * ```
 */
export function Owns(...kindsAndOptions: readonly KindOf[] | readonly [...KindOf[], OwnershipOptions]) {
  const kinds: readonly (KindOf | OwnershipOptions)[] = kindsAndOptions;
  const options = kinds.find((each) => !isKind(each));
  const owned = kinds.filter(isKind).map((kind) => ({ kind, ...options }));
  return (target: Constructor): void => addOwnedKinds(target, owned);
}

function isKind(kindOrOptions: KindOf | OwnershipOptions): kindOrOptions is KindOf {
  return 'resource' in kindOrOptions;
}

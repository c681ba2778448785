import type { KindOf } from '../kind/kind.js';
import { addOwnedKinds } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

/**
 * Declares the kinds of children that `desired` may return. A change of a child reconciles its owner; a child that is no
 * longer desired is removed.
 */
export function Owns(...kinds: readonly KindOf[]) {
  return (target: Constructor): void => addOwnedKinds(target, kinds);
}

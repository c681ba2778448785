import { DecoratorError } from '../errors.js';
import { addReferences, referencesOf } from '../metadata.js';
import type { Constructor } from '../operator/module.js';
import type { ConfigRef } from '../references/config-ref.js';

/** Declares the shared configs that objects of this kind may reference. */
export function References(...refs: readonly ConfigRef[]) {
  return (target: Constructor): void => {
    const all = [...refs, ...referencesOf(target)];
    const types = all.map((ref) => ref.condition);
    const twice = types.find((type, index) => types.indexOf(type) !== index);
    if (twice !== undefined) {
      throw new DecoratorError('References', target, `two references share the condition ${twice}; give each its own`);
    }
    addReferences(target, refs);
  };
}

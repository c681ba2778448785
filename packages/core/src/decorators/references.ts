import { DecoratorError } from '../errors.js';
import { addReferences, referencesOf } from '../metadata.js';
import type { Constructor } from '../operator/module.js';
import { conditionOf, type DeclaredReference } from '../references/config-refs.js';

/** Declares the shared configs that objects of this kind may reference, by single references and families of them. */
export function References(...refs: readonly DeclaredReference[]) {
  return (target: Constructor): void => {
    const all = [...refs, ...referencesOf(target)];
    const twice = all.find((ref, index) => all.some((other, at) => at !== index && speaksFor(other, ref)));
    if (twice !== undefined) {
      const type = conditionOf(twice);
      throw new DecoratorError('References', target, `two references share the condition ${type}; give each its own`);
    }
    addReferences(target, refs);
  };
}

/** Whether the condition of one reference is, or may be a member's of, another. */
function speaksFor(one: DeclaredReference, other: DeclaredReference): boolean {
  return 'members' in one ? conditionOf(other).startsWith(one.prefix) : conditionOf(other) === one.condition;
}

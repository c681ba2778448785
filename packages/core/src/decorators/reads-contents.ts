import type { ConfigMap, Secret } from '../builtin-kinds.js';
import type { KindOf } from '../kind/kind.js';
import { addContentKinds } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

/** Declares what `ctx.contents` is asked for, so that the operator may read it: `@ReadsContents(Secret, ConfigMap)`. */
export function ReadsContents(...kinds: readonly KindOf<Secret | ConfigMap>[]) {
  return (target: Constructor): void => addContentKinds(target, kinds);
}

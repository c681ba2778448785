import { isConverting } from '../kind/convert-object.js';
import type { Kind } from '../kind/kind.js';
import type { OperatorModule } from '../operator/module.js';

/** The kinds of modules whose objects are converted by a webhook. */
export function convertingKinds(modules: readonly OperatorModule[]): readonly Kind[] {
  return [...new Set(modules.flatMap(({ kinds }) => kinds))].filter(isConverting);
}

/** Where the objects of a kind are converted. */
export function conversionPath({ resource: { plural, group } }: Kind): string {
  return `/convert/${plural}.${group}`;
}

import type { KubernetesObject } from './object.js';

/** Makes of an object what the cache keeps of it. Gets a fresh object and may not change it. */
export type Transform = (object: KubernetesObject) => KubernetesObject;

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/**
 * Leaves out what a controller does not read and every object carries: `managedFields` of others, and the copy of
 * itself that `kubectl apply` leaves in an annotation. Together often half of the memory.
 *
 * @param keepManager - Whose `managedFields` entries to keep. Default: nobody's.
 */
export function slim(keepManager: (manager: string) => boolean = () => false): Transform {
  return (object) => {
    const { managedFields, annotations, ...metadata } = object.metadata;
    const kept = managedFields?.filter(({ manager }) => manager !== undefined && keepManager(manager)) ?? [];
    const slimMetadata = Object.assign(
      metadata,
      annotations !== undefined && { annotations: withoutLastApplied(annotations) },
      kept.length > 0 && { managedFields: kept },
    );
    // Not by a spread: what it copies keeps room for more, which of every cached object is 180 bytes.
    return Object.assign({}, object, { metadata: slimMetadata });
  };
}

function withoutLastApplied(annotations: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  if (!(LAST_APPLIED in annotations)) return annotations;
  const { [LAST_APPLIED]: _, ...rest } = annotations;
  return rest;
}

/** Freezes an object and everything in it, so that one cached object can be handed to everybody. */
export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value;
}

import type { KubernetesObject } from '../object.js';
import type { Store } from '../store.js';

/** The changes that a store tells of from here on, as they come: `added settings@7`. */
export function notedChanges(store: Store<KubernetesObject>): string[] {
  const changes: string[] = [];
  store.subscribe(({ type, object: { metadata } }) => {
    changes.push(`${type} ${metadata.name}@${metadata.resourceVersion}`);
  });
  return changes;
}

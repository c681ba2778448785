import { ensureObjectAt } from '../access.js';
import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import type { StoredObject, Table } from '../storage/table.js';

const IS_DEFAULT = 'storageclass.kubernetes.io/is-default-class';

/**
 * Gives claims the default StorageClass where they name none; the newest, if there are several.
 *
 * @see {@link https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass | Default StorageClass}
 */
export class DefaultStorageClass implements AdmissionPlugin {
  readonly name = 'DefaultStorageClass';
  readonly #classes: Table;

  constructor(storageClasses: Table) {
    this.#classes = storageClasses;
  }

  mutate({ operation, resource, subresource, object }: AdmissionRequest): void {
    const isClaim = resource.group === '' && resource.plural === 'persistentvolumeclaims' && subresource === undefined;
    if (operation !== 'CREATE' || !isClaim || !object || this.#classes.size === 0) return;
    const spec = ensureObjectAt(object, 'spec');
    // An empty name says that no class is wanted.
    if (spec['storageClassName'] !== undefined) return;
    const [newest] = this.#classes
      .list()
      .filter(({ metadata }) => metadata.annotations?.[IS_DEFAULT] === 'true')
      .sort(byAgeAndName);
    if (newest) spec['storageClassName'] = newest.metadata.name;
  }
}

function byAgeAndName({ metadata: a }: StoredObject, { metadata: b }: StoredObject): number {
  const [younger, older] = [b.creationTimestamp ?? '', a.creationTimestamp ?? ''];
  if (younger !== older) return younger < older ? -1 : 1;
  return (a.name ?? '') < (b.name ?? '') ? -1 : 1;
}

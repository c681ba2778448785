import type { Table } from '../storage/table.js';
import type { AdmissionPlugin, AdmissionRequest } from './admission.js';
import { forbidden, notFound } from './errors.js';

const IMMORTAL = new Set(['default', 'kube-system', 'kube-public']);
const NAMESPACES = { group: '', plural: 'namespaces', kind: 'Namespace' };

/** Refuses objects in namespaces that are missing or terminating, and the deletion of namespaces that must stay. */
export class NamespaceLifecycle implements AdmissionPlugin {
  readonly name = 'NamespaceLifecycle';
  readonly #namespaces: Table;

  constructor(namespaces: Table) {
    this.#namespaces = namespaces;
  }

  mutate({ operation, resource, namespace, name, object }: AdmissionRequest): void {
    const isNamespace = resource.group === '' && resource.plural === 'namespaces';
    if (isNamespace) {
      if (operation === 'DELETE' && IMMORTAL.has(name)) {
        throw forbidden(resource, name, 'this namespace may not be deleted');
      }
      return;
    }
    if (operation !== 'CREATE' || namespace === undefined) return;
    const holder = this.#namespaces.get(undefined, namespace);
    if (!holder) throw notFound(NAMESPACES, namespace);
    if (holder.metadata.deletionTimestamp === undefined) return;
    throw forbidden(
      resource,
      object?.metadata.name ?? name,
      `unable to create new content in namespace ${namespace} because it is being terminated`,
      [
        {
          reason: 'NamespaceTerminating',
          message: `namespace ${namespace} is being terminated`,
          field: 'metadata.namespace',
        },
      ],
    );
  }
}

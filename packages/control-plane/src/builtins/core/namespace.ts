import type { JsonObject, KubeObject } from '../../object.js';
import { ensureObjectAt, objectAt, setDefault, specOf, statusOf, stringAt, stringsAt } from '../../access.js';
import { ageColumn, column } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

/** The spec finalizer that the namespace controller removes when a deleted namespace is empty. */
export const NAMESPACE_FINALIZER = 'kubernetes';

const NAME_LABEL = 'kubernetes.io/metadata.name';

export const namespaces = defineBuiltin({
  definition: 'io.k8s.api.core.v1.Namespace',
  group: '',
  plural: 'namespaces',
  shortNames: ['ns'],
  namespaced: false,
  names: 'label',
  subresources: { status: true },
  deleteReply: 'object',
  selectableFields: {
    'status.phase': (object) => stringAt(statusOf(object), 'phase'),
    name: ({ metadata }) => metadata.name ?? '',
  },
  columns: [column('Status', (object) => stringAt(statusOf(object), 'phase')), ageColumn],
  defaults(next) {
    if (next.metadata.name !== undefined)
      next.metadata.labels = { ...next.metadata.labels, [NAME_LABEL]: next.metadata.name };
    setDefault(ensureObjectAt(next, 'status'), 'phase', 'Active');
  },
  initialStatus: () => ({ phase: 'Active' }),
  prepareForCreate(next) {
    const spec = ensureObjectAt(next, 'spec');
    const finalizers = stringsAt(spec, 'finalizers');
    if (!finalizers.includes(NAMESPACE_FINALIZER)) spec['finalizers'] = [...finalizers, NAMESPACE_FINALIZER];
    if (next.metadata.name !== undefined)
      next.metadata.labels = { ...next.metadata.labels, [NAME_LABEL]: next.metadata.name };
  },
  prepareForUpdate(next, old) {
    takeFinalizers(ensureObjectAt(next, 'spec'), old);
  },
  prepareForDelete(next) {
    ensureObjectAt(next, 'status')['phase'] = 'Terminating';
  },
  isHeld: (object) => stringsAt(specOf(object), 'finalizers').length > 0,
});

/** spec.finalizers change through the finalize subresource only. */
function takeFinalizers(spec: JsonObject, old: KubeObject): void {
  const finalizers = stringsAt(objectAt(old, 'spec'), 'finalizers');
  if (finalizers.length === 0) delete spec['finalizers'];
  else spec['finalizers'] = finalizers;
}

import { booleanAt, setDefault, stringAt } from '../access.js';
import { ageColumn, column } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

export const storageClasses = defineBuiltin({
  definition: 'io.k8s.api.storage.v1.StorageClass',
  group: 'storage.k8s.io',
  plural: 'storageclasses',
  shortNames: ['sc'],
  namespaced: false,
  deleteReply: 'object',
  columns: [
    column('Provisioner', (object) => stringAt(object, 'provisioner')),
    column('ReclaimPolicy', (object) => stringAt(object, 'reclaimPolicy') || 'Delete'),
    column('VolumeBindingMode', (object) => stringAt(object, 'volumeBindingMode') || 'Immediate'),
    column('AllowVolumeExpansion', (object) => booleanAt(object, 'allowVolumeExpansion')),
    ageColumn,
  ],
  defaults(next) {
    setDefault(next, 'reclaimPolicy', 'Delete');
    setDefault(next, 'volumeBindingMode', 'Immediate');
  },
});

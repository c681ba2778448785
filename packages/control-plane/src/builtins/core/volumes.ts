import type { JsonObject, KubeObject } from '../../object.js';
import {
  ensureObjectAt,
  objectAt,
  optionalObjectAt,
  setDefault,
  specOf,
  statusOf,
  stringAt,
  stringsAt,
} from '../../access.js';
import { ageColumn, column, wideColumn } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

const SHORT_ACCESS_MODES: Readonly<Record<string, string>> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};

export const persistentVolumeClaims = defineBuiltin({
  definition: 'io.k8s.api.core.v1.PersistentVolumeClaim',
  group: '',
  plural: 'persistentvolumeclaims',
  shortNames: ['pvc'],
  subresources: { status: true },
  deleteReply: 'object',
  columns: [
    column('Status', (object) =>
      object.metadata.deletionTimestamp === undefined ? stringAt(statusOf(object), 'phase') : 'Terminating',
    ),
    column('Volume', (object) => stringAt(specOf(object), 'volumeName')),
    column('Capacity', (object) => (isBound(object) ? storage(objectAt(statusOf(object), 'capacity')) : '')),
    column('Access Modes', (object) => (isBound(object) ? accessModes(statusOf(object)) : '')),
    column('StorageClass', (object) => stringAt(specOf(object), 'storageClassName')),
    column('VolumeAttributesClass', (object) => orUnset(stringAt(specOf(object), 'volumeAttributesClassName'))),
    ageColumn,
    wideColumn('VolumeMode', (object) => orUnset(stringAt(specOf(object), 'volumeMode'))),
  ],
  defaults(next) {
    defaultClaimSpec(ensureObjectAt(next, 'spec'));
    setDefault(ensureObjectAt(next, 'status'), 'phase', 'Pending');
  },
  initialStatus: () => ({ phase: 'Pending' }),
});

export const persistentVolumes = defineBuiltin({
  definition: 'io.k8s.api.core.v1.PersistentVolume',
  group: '',
  plural: 'persistentvolumes',
  shortNames: ['pv'],
  namespaced: false,
  subresources: { status: true },
  deleteReply: 'object',
  columns: [
    column('Capacity', (object) => storage(objectAt(specOf(object), 'capacity'))),
    column('Access Modes', (object) => accessModes(specOf(object))),
    column('Reclaim Policy', (object) => stringAt(specOf(object), 'persistentVolumeReclaimPolicy')),
    column('Status', (object) => stringAt(statusOf(object), 'phase')),
    column('Claim', (object) => {
      const claim = optionalObjectAt(specOf(object), 'claimRef');
      return claim === undefined ? '' : `${stringAt(claim, 'namespace')}/${stringAt(claim, 'name')}`;
    }),
    column('StorageClass', (object) => stringAt(specOf(object), 'storageClassName')),
    column('VolumeAttributesClass', (object) => orUnset(stringAt(specOf(object), 'volumeAttributesClassName'))),
    column('Reason', (object) => stringAt(statusOf(object), 'reason')),
    ageColumn,
    wideColumn('VolumeMode', (object) => orUnset(stringAt(specOf(object), 'volumeMode'))),
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    setDefault(spec, 'persistentVolumeReclaimPolicy', 'Retain');
    setDefault(spec, 'volumeMode', 'Filesystem');
    setDefault(ensureObjectAt(next, 'status'), 'phase', 'Pending');
  },
  initialStatus: () => ({ phase: 'Pending' }),
});

export function defaultClaimSpec(spec: JsonObject): void {
  setDefault(spec, 'volumeMode', 'Filesystem');
}

function isBound(object: KubeObject): boolean {
  return stringAt(specOf(object), 'volumeName') !== '';
}

function storage(resources: JsonObject): string {
  return stringAt(resources, 'storage') || '0';
}

function accessModes(owner: JsonObject): string {
  return stringsAt(owner, 'accessModes')
    .map((mode) => SHORT_ACCESS_MODES[mode] ?? '')
    .join(',');
}

function orUnset(text: string): string {
  return text === '' ? '<unset>' : text;
}

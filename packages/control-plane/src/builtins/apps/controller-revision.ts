import { numberAt } from '../../access.js';
import { ageColumn, column } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

export const controllerRevisions = defineBuiltin({
  definition: 'io.k8s.api.apps.v1.ControllerRevision',
  group: 'apps',
  plural: 'controllerrevisions',
  columns: [
    column('Controller', ({ metadata }) => {
      const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
      return owner === undefined
        ? '<none>'
        : `${owner.kind.toLowerCase()}.${owner.apiVersion.split('/')[0] ?? ''}/${owner.name}`;
    }),
    column('Revision', (object) => numberAt(object, 'revision')),
    ageColumn,
  ],
});

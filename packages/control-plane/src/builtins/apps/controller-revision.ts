import { numberAt, optionalObjectAt } from '../../access.js';
import { equalJson } from '../../json.js';
import { invalid, required } from '../../schema/field-error.js';
import { ageColumn, column } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';
import { nonNegativeErrors } from './workload-validation.js';

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
  validate(next, old) {
    return [
      ...(optionalObjectAt(next, 'data') === undefined ? [required('data', 'data is mandatory')] : []),
      ...nonNegativeErrors(next, ['revision'], ''),
      ...(old === undefined || equalJson(next['data'], old['data'])
        ? []
        : [invalid('data', next['data'] ?? null, 'field is immutable')]),
    ];
  },
});

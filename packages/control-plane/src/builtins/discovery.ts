import { required } from '../schema/field-error.js';
import { objectsAt, scalarAt, setDefault, stringAt, stringsAt } from '../access.js';
import { ageColumn, column, firstThree } from './columns.js';
import { defineBuiltin } from './define-builtin.js';

export const endpointSlices = defineBuiltin({
  definition: 'io.k8s.api.discovery.v1.EndpointSlice',
  group: 'discovery.k8s.io',
  plural: 'endpointslices',
  generation: true,
  columns: [
    column('AddressType', (object) => stringAt(object, 'addressType')),
    column(
      'Ports',
      (object) => firstThree(objectsAt(object, 'ports').map((port) => scalarAt(port, 'port') ?? '*')) || '<unset>',
    ),
    column(
      'Endpoints',
      (object) =>
        firstThree(objectsAt(object, 'endpoints').flatMap((endpoint) => stringsAt(endpoint, 'addresses'))) || '<unset>',
    ),
    ageColumn,
  ],
  defaults(next) {
    for (const port of objectsAt(next, 'ports')) {
      // A pointer to a string: the empty name is written out.
      if (port['name'] === undefined) port['name'] = '';
      setDefault(port, 'protocol', 'TCP');
    }
  },
  validate: (next) => (stringAt(next, 'addressType') === '' ? [required('addressType')] : []),
});

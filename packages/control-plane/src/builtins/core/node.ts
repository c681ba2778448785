import type { KubeObject } from '../../object.js';
import { booleanAt, objectAt, objectsAt, specOf, statusOf, stringAt } from '../../access.js';
import { ageColumn, column, orNone } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

const ROLE_LABEL = 'node-role.kubernetes.io/';

export const nodes = defineBuiltin({
  definition: 'io.k8s.api.core.v1.Node',
  group: '',
  plural: 'nodes',
  shortNames: ['no'],
  namespaced: false,
  subresources: { status: true },
  selectableFields: { 'spec.unschedulable': (object) => String(booleanAt(specOf(object), 'unschedulable')) },
  columns: [
    column('Status', nodeStatus),
    column('Roles', (object) => {
      const labels = Object.keys(object.metadata.labels ?? {}).filter((label) => label.startsWith(ROLE_LABEL));
      return orNone(
        labels
          .map((label) => label.slice(ROLE_LABEL.length))
          .sort()
          .join(','),
      );
    }),
    ageColumn,
    column('Version', (object) => stringAt(objectAt(statusOf(object), 'nodeInfo'), 'kubeletVersion')),
  ],
});

function nodeStatus(object: KubeObject): string {
  const condition = objectsAt(statusOf(object), 'conditions').find(({ type }) => type === 'Ready');
  const ready = condition === undefined ? 'Unknown' : condition['status'] === 'True' ? 'Ready' : 'NotReady';
  return booleanAt(specOf(object), 'unschedulable') ? `${ready},SchedulingDisabled` : ready;
}

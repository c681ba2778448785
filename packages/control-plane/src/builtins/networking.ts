import type { KubeObject } from '../object.js';
import { ensureObjectAt, objectAt, objectsAt, setDefault, specOf, statusOf, stringAt, stringsAt } from '../access.js';
import { ageColumn, column, orNone } from './columns.js';
import { defineBuiltin } from './define-builtin.js';
import { formatSelector } from './label-selector.js';

const GROUP = 'networking.k8s.io';

export const ingresses = defineBuiltin({
  definition: 'io.k8s.api.networking.v1.Ingress',
  group: GROUP,
  plural: 'ingresses',
  shortNames: ['ing'],
  generation: true,
  subresources: { status: true },
  columns: [
    column('Class', ingressClassName),
    column('Hosts', (object) => {
      const hosts = objectsAt(specOf(object), 'rules').map((rule) => stringAt(rule, 'host'));
      return hosts.filter((host) => host !== '').join(',') || '*';
    }),
    column('Address', (object) =>
      objectsAt(objectAt(statusOf(object), 'loadBalancer'), 'ingress')
        .map((entry) => stringAt(entry, 'ip') || stringAt(entry, 'hostname'))
        .join(','),
    ),
    column('Ports', (object) => (objectsAt(specOf(object), 'tls').length > 0 ? '80, 443' : '80')),
    ageColumn,
  ],
});

function ingressClassName(object: KubeObject): string {
  const annotation = object.metadata.annotations?.['kubernetes.io/ingress.class'] ?? '';
  return orNone(stringAt(specOf(object), 'ingressClassName') || annotation);
}

export const ingressClasses = defineBuiltin({
  definition: 'io.k8s.api.networking.v1.IngressClass',
  group: GROUP,
  plural: 'ingressclasses',
  namespaced: false,
  generation: true,
  columns: [
    column('Controller', (object) => stringAt(specOf(object), 'controller')),
    column('Parameters', (object) => {
      const parameters = objectAt(specOf(object), 'parameters');
      const group = stringAt(parameters, 'apiGroup');
      const kind = stringAt(parameters, 'kind');
      return kind === '' ? '<none>' : `${kind}${group === '' ? '' : `.${group}`}/${stringAt(parameters, 'name')}`;
    }),
    ageColumn,
  ],
});

export const networkPolicies = defineBuiltin({
  definition: 'io.k8s.api.networking.v1.NetworkPolicy',
  group: GROUP,
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  generation: true,
  columns: [column('Pod-Selector', (object) => formatSelector(specOf(object)['podSelector'])), ageColumn],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    for (const rule of [...objectsAt(spec, 'ingress'), ...objectsAt(spec, 'egress')]) {
      for (const port of objectsAt(rule, 'ports')) setDefault(port, 'protocol', 'TCP');
    }
    if (stringsAt(spec, 'policyTypes').length === 0) {
      spec['policyTypes'] = objectsAt(spec, 'egress').length > 0 ? ['Ingress', 'Egress'] : ['Ingress'];
    }
  },
});

import type { JsonObject, KubeObject } from '../../object.js';
import { duplicate, invalid, required } from '../../schema/field-error.js';
import { child, index } from '../../schema/field-path.js';
import { labelProblems } from '../../schema/names.js';
import type { FieldError } from '../../status-error.js';
import {
  ensureObjectAt,
  numberAt,
  objectAt,
  objectsAt,
  setDefault,
  specOf,
  statusOf,
  stringAt,
  stringsAt,
} from '../../access.js';
import { ageColumn, column, formatLabels, firstThree, orNone, wideColumn } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';
import { randomClusterIP, randomNodePort } from './ip-allocation.js';
import { portProblems } from './pod-spec-validation.js';

export const services = defineBuiltin({
  definition: 'io.k8s.api.core.v1.Service',
  group: '',
  plural: 'services',
  shortNames: ['svc'],
  categories: ['all'],
  names: 'label-1035',
  subresources: { status: true },
  createOnUpdate: true,
  deleteReply: 'object',
  selectableFields: {
    'spec.clusterIP': (object) => stringAt(specOf(object), 'clusterIP'),
    'spec.type': (object) => stringAt(specOf(object), 'type'),
  },
  columns: [
    column('Type', (object) => stringAt(specOf(object), 'type')),
    column('Cluster-IP', (object) => orNone(stringAt(specOf(object), 'clusterIP'))),
    column('External-IP', externalIPs),
    column('Port(s)', (object) => orNone(objectsAt(specOf(object), 'ports').map(formatPort).join(','))),
    ageColumn,
    wideColumn('Selector', (object) => orNone(formatLabels(objectAt(specOf(object), 'selector')))),
  ],
  defaults: (next) => defaultService(ensureObjectAt(next, 'spec')),
  prepareForCreate: (next) => allocate(ensureObjectAt(next, 'spec')),
  prepareForUpdate: (next, old) => keepAllocations(ensureObjectAt(next, 'spec'), specOf(old)),
  validate,
});

export const endpoints = defineBuiltin({
  definition: 'io.k8s.api.core.v1.Endpoints',
  group: '',
  plural: 'endpoints',
  shortNames: ['ep'],
  createOnUpdate: true,
  columns: [
    column('Endpoints', (object) => orNone(firstThree(objectsAt(object, 'subsets').flatMap(formatSubset)))),
    ageColumn,
  ],
  defaults(next) {
    for (const subset of objectsAt(next, 'subsets')) {
      for (const port of objectsAt(subset, 'ports')) setDefault(port, 'protocol', 'TCP');
    }
  },
});

function externalIPs(object: KubeObject): string {
  const spec = specOf(object);
  const given = stringsAt(spec, 'externalIPs');
  switch (stringAt(spec, 'type')) {
    case 'ExternalName':
      return stringAt(spec, 'externalName');
    case 'LoadBalancer': {
      const ingress = objectsAt(objectAt(statusOf(object), 'loadBalancer'), 'ingress');
      const all = [...given, ...ingress.map((entry) => stringAt(entry, 'ip') || stringAt(entry, 'hostname'))];
      return all.length === 0 ? '<pending>' : all.join(',');
    }
    default:
      return orNone(given.join(','));
  }
}

function formatPort(port: JsonObject): string {
  const nodePort = numberAt(port, 'nodePort');
  return `${numberAt(port, 'port')}${nodePort > 0 ? `:${nodePort}` : ''}/${stringAt(port, 'protocol')}`;
}

function formatSubset(subset: JsonObject): string[] {
  const ports = objectsAt(subset, 'ports').map((port) => numberAt(port, 'port'));
  return objectsAt(subset, 'addresses').flatMap((address) => {
    const ip = stringAt(address, 'ip');
    return ports.length === 0 ? [ip] : ports.map((port) => `${ip}:${port}`);
  });
}

function defaultService(spec: JsonObject): void {
  setDefault(spec, 'sessionAffinity', 'None');
  if (spec['sessionAffinity'] === 'ClientIP') {
    setDefault(ensureObjectAt(ensureObjectAt(spec, 'sessionAffinityConfig'), 'clientIP'), 'timeoutSeconds', 10800);
  } else {
    delete spec['sessionAffinityConfig'];
  }
  setDefault(spec, 'type', 'ClusterIP');
  for (const port of objectsAt(spec, 'ports')) {
    setDefault(port, 'protocol', 'TCP');
    if (port['targetPort'] === 0 || port['targetPort'] === '') port['targetPort'] = port['port'];
  }
  const type = stringAt(spec, 'type');
  if (type === 'NodePort' || type === 'LoadBalancer') setDefault(spec, 'externalTrafficPolicy', 'Cluster');
  if (type !== 'ExternalName') setDefault(spec, 'internalTrafficPolicy', 'Cluster');
  if (type === 'LoadBalancer') setDefault(spec, 'allocateLoadBalancerNodePorts', true);
}

/** Gives a Service the addresses and ports it does not name itself. */
function allocate(spec: JsonObject): void {
  const type = stringAt(spec, 'type');
  if (type === 'ExternalName') return;
  setDefault(spec, 'clusterIP', stringsAt(spec, 'clusterIPs')[0] ?? randomClusterIP());
  if (stringsAt(spec, 'clusterIPs').length === 0) spec['clusterIPs'] = [spec['clusterIP']];
  const headless = spec['clusterIP'] === 'None' && Object.keys(objectAt(spec, 'selector')).length === 0;
  setDefault(spec, 'ipFamilyPolicy', headless ? 'RequireDualStack' : 'SingleStack');
  if (stringsAt(spec, 'ipFamilies').length === 0) {
    spec['ipFamilies'] = spec['ipFamilyPolicy'] === 'RequireDualStack' ? ['IPv4', 'IPv6'] : ['IPv4'];
  }
  const nodePorts = type === 'NodePort' || (type === 'LoadBalancer' && spec['allocateLoadBalancerNodePorts'] !== false);
  if (!nodePorts) return;
  for (const port of objectsAt(spec, 'ports')) setDefault(port, 'nodePort', randomNodePort());
  if (type === 'LoadBalancer' && spec['externalTrafficPolicy'] === 'Local') {
    setDefault(spec, 'healthCheckNodePort', randomNodePort());
  }
}

/** An update that leaves out what was allocated keeps it; one that changes the type gives it back or gets more. */
function keepAllocations(spec: JsonObject, old: JsonObject): void {
  const type = stringAt(spec, 'type');
  const oldType = stringAt(old, 'type');
  if (type === 'ExternalName') {
    if (oldType !== 'ExternalName' && spec['clusterIP'] === old['clusterIP']) {
      for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy']) delete spec[field];
    }
    return;
  }
  if (oldType !== 'ExternalName') {
    keepAddresses(spec, old);
    keepNodePorts(spec, old);
  }
  if (oldType !== type || type !== 'ClusterIP') allocate(spec);
}

function keepAddresses(spec: JsonObject, old: JsonObject): void {
  if (stringAt(spec, 'clusterIP') === '' && stringsAt(spec, 'clusterIPs').length === 0) {
    spec['clusterIP'] = old['clusterIP'];
    spec['clusterIPs'] = old['clusterIPs'];
  } else if (spec['clusterIP'] !== old['clusterIP'] && stringsAt(spec, 'clusterIPs')[0] === old['clusterIP']) {
    // Only the singular field was changed: the plural one follows it.
    spec['clusterIPs'] = stringAt(spec, 'clusterIP') === '' ? [] : [spec['clusterIP']];
  } else if (stringsAt(spec, 'clusterIPs').length === 0 && spec['clusterIP'] === old['clusterIP']) {
    spec['clusterIPs'] = old['clusterIPs'];
  }
  setDefault(spec, 'ipFamilyPolicy', old['ipFamilyPolicy']);
  if (stringsAt(spec, 'ipFamilies').length === 0) spec['ipFamilies'] = old['ipFamilies'];
}

function keepNodePorts(spec: JsonObject, old: JsonObject): void {
  const toClusterIP = spec['type'] === 'ClusterIP' && old['type'] !== 'ClusterIP';
  for (const port of objectsAt(spec, 'ports')) {
    const before = objectsAt(old, 'ports').find(
      (candidate) => candidate['port'] === port['port'] && candidate['protocol'] === port['protocol'],
    );
    if (before?.['nodePort'] === undefined) continue;
    if (toClusterIP && port['nodePort'] === before['nodePort']) delete port['nodePort'];
    else if (spec['type'] !== 'ClusterIP') setDefault(port, 'nodePort', before['nodePort']);
  }
}

function validate(next: KubeObject, old?: KubeObject): FieldError[] {
  const spec = specOf(next);
  const type = stringAt(spec, 'type');
  const ports = objectsAt(spec, 'ports');
  const errors: FieldError[] = [];
  if (ports.length === 0 && spec['clusterIP'] !== 'None' && type !== 'ExternalName')
    errors.push(required('spec.ports'));
  if (type === 'ExternalName' && stringAt(spec, 'externalName') === '') errors.push(required('spec.externalName'));
  errors.push(...portErrors(ports));
  if (old !== undefined) errors.push(...clusterIPErrors(spec, specOf(old)));
  return errors;
}

function portErrors(ports: readonly JsonObject[]): FieldError[] {
  const errors: FieldError[] = [];
  const names = new Set<string>();
  const numbers = new Set<string>();
  ports.forEach((port, position) => {
    const path = index('spec.ports', position);
    const name = stringAt(port, 'name');
    if (name === '' && ports.length > 1) errors.push(required(child(path, 'name')));
    if (name !== '') {
      errors.push(...labelProblems(name).map((problem) => invalid(child(path, 'name'), name, problem)));
      if (names.has(name)) errors.push(duplicate(child(path, 'name'), name));
    }
    const number = numberAt(port, 'port');
    errors.push(...portProblems(number).map((problem) => invalid(child(path, 'port'), number, problem)));
    const identity = { port: number, protocol: stringAt(port, 'protocol') };
    const key = `${identity.protocol}/${identity.port}`;
    if (numbers.has(key)) errors.push(duplicate(path, { ...identity, targetPort: 0 }));
    names.add(name);
    numbers.add(key);
  });
  return errors;
}

function clusterIPErrors(spec: JsonObject, old: JsonObject): FieldError[] {
  if (spec['type'] === 'ExternalName' || old['type'] === 'ExternalName') return [];
  if (stringAt(old, 'clusterIP') === '' || spec['clusterIP'] === old['clusterIP']) return [];
  return [invalid('spec.clusterIPs[0]', stringsAt(spec, 'clusterIPs'), 'may not change once set')];
}

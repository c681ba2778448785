import { objectAt, objectsAt, optionalStringAt, specOf, statusOf, stringAt, stringsAt } from '../../access.js';
import { equalJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { NANO, parseQuantity } from '../../quantity.js';
import { invalid, notSupported } from '../../schema/field-error.js';
import { key } from '../../schema/field-path.js';
import { qualifiedNameProblems } from '../../schema/names.js';
import type { FieldError } from '../../status-error.js';
import { ageColumn, column } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const COUNTS = [
  'pods',
  'services',
  'services.nodeports',
  'services.loadbalancers',
  'replicationcontrollers',
  'resourcequotas',
  'secrets',
  'persistentvolumeclaims',
  'configmaps',
];
const STANDARD = [
  ...COUNTS,
  ...COMPUTE,
  ...COMPUTE.map((name) => `requests.${name}`),
  ...COMPUTE.map((name) => `limits.${name}`),
  'requests.storage',
];
const SCOPES = [
  'BestEffort',
  'CrossNamespacePodAffinity',
  'NotBestEffort',
  'NotTerminating',
  'PriorityClass',
  'Terminating',
];
/** What quotas with scopes can be about. */
const OF_PODS = ['pods', ...['cpu', 'memory'].flatMap((name) => [name, `requests.${name}`, `limits.${name}`])];

export const resourceQuotas = defineBuiltin({
  definition: 'io.k8s.api.core.v1.ResourceQuota',
  group: '',
  plural: 'resourcequotas',
  shortNames: ['quota'],
  subresources: { status: true },
  deleteReply: 'object',
  columns: [
    column('Request', (quota) => usageOf(quota, false)),
    column('Limit', (quota) => usageOf(quota, true)),
    ageColumn,
  ],
  validate(next, old) {
    const spec = specOf(next);
    const hard = objectAt(spec, 'hard');
    const isRescoped = old !== undefined && !equalJson(spec['scopes'] ?? [], specOf(old)['scopes'] ?? []);
    return [
      ...Object.keys(hard).flatMap((name) => amountErrors(hard, name)),
      ...scopeErrors(spec, Object.keys(hard)),
      ...(isRescoped ? [invalid('spec.scopes', spec['scopes'] ?? null, 'field is immutable')] : []),
    ];
  },
});

/** `pods: 1/10, requests.cpu: 100m/1` */
function usageOf(quota: KubeObject, ofLimits: boolean): string {
  const [hard, used] = ['hard', 'used'].map((field) => objectAt(statusOf(quota), field));
  return Object.entries(hard ?? {})
    .filter(([name]) => name.startsWith('limits.') === ofLimits)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, most]) => `${name}: ${optionalStringAt(used ?? {}, name) ?? '0'}/${String(most)}`)
    .join(', ');
}

function amountErrors(hard: JsonObject, name: string): FieldError[] {
  const field = key('spec.hard', name);
  const text = stringAt(hard, name);
  const errors = qualifiedNameProblems(name).map((problem) => invalid(field, name, problem));
  if (!name.includes('/') && !STANDARD.includes(name) && !/^(requests\.)?hugepages-/.test(name)) {
    errors.push(invalid(field, name, 'must be a standard resource for quotas'));
  }
  const { nanos } = parseQuantity(text);
  if (nanos < 0n) errors.push(invalid(field, text, 'must be greater than or equal to 0'));
  if ((COUNTS.includes(name) || name.startsWith('count/')) && nanos % NANO !== 0n) {
    errors.push(invalid(field, text, 'must be an integer'));
  }
  return errors;
}

function scopeErrors(spec: JsonObject, names: readonly string[]): FieldError[] {
  const field = 'spec.scopes';
  const scopes = stringsAt(spec, 'scopes');
  const selected = objectsAt(objectAt(spec, 'scopeSelector'), 'matchExpressions').map((item) =>
    stringAt(item, 'scopeName'),
  );
  const errors: FieldError[] = [];
  for (const scope of scopes) {
    if (!SCOPES.includes(scope)) errors.push(notSupported(field, scope, SCOPES));
    const isAllowed = (name: string): boolean => (scope === 'BestEffort' ? name === 'pods' : OF_PODS.includes(name));
    if (!names.every(isAllowed)) errors.push(invalid(field, scopes, 'unsupported scope applied to resource'));
  }
  const all = [...scopes, ...selected];
  for (const scope of ['BestEffort', 'Terminating']) {
    if (all.includes(scope) && all.includes(`Not${scope}`)) errors.push(invalid(field, scopes, 'conflicting scopes'));
  }
  return errors;
}

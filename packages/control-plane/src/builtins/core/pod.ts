import { equalJson } from '../../json.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { forbidden } from '../../schema/field-error.js';
import { child } from '../../schema/field-path.js';
import type { FieldError } from '../../status-error.js';
import {
  booleanAt,
  ensureObjectAt,
  numberAt,
  objectAt,
  objectsAt,
  optionalNumberAt,
  setDefault,
  specOf,
  statusOf,
  stringAt,
} from '../../access.js';
import { ageColumn, column, orNone, wideColumn } from '../columns.js';
import { defineBuiltin, specWith } from '../define-builtin.js';
import { parseQuantity } from '../../quantity.js';
import { containersOf, defaultPodSpec } from './pod-spec-defaults.js';
import { validatePodSpec } from './pod-spec-validation.js';

export const pods = defineBuiltin({
  definition: 'io.k8s.api.core.v1.Pod',
  group: '',
  plural: 'pods',
  shortNames: ['po'],
  categories: ['all'],
  generation: true,
  deleteReply: 'object',
  subresources: { status: true },
  subresourceBodies: ['io.k8s.api.core.v1.Binding', 'io.k8s.api.policy.v1.Eviction'],
  selectableFields: {
    'spec.nodeName': (object) => stringAt(specOf(object), 'nodeName'),
    'spec.restartPolicy': (object) => stringAt(specOf(object), 'restartPolicy'),
    'spec.schedulerName': (object) => stringAt(specOf(object), 'schedulerName'),
    'spec.serviceAccountName': (object) => stringAt(specOf(object), 'serviceAccountName'),
    'spec.hostNetwork': (object) => String(booleanAt(specOf(object), 'hostNetwork')),
    'status.phase': (object) => stringAt(statusOf(object), 'phase'),
    'status.podIP': podIP,
    'status.podIPs': podIP,
    'status.nominatedNodeName': (object) => stringAt(statusOf(object), 'nominatedNodeName'),
  },
  columns: [
    column('Ready', readyContainers),
    column('Status', podStatus),
    column('Restarts', (object) => String(sumOf(containerStatuses(object), 'restartCount'))),
    ageColumn,
    wideColumn('IP', (object) => orNone(stringAt(statusOf(object), 'podIP'))),
    wideColumn('Node', (object) => orNone(stringAt(specOf(object), 'nodeName'))),
    wideColumn('Nominated Node', (object) => orNone(stringAt(statusOf(object), 'nominatedNodeName'))),
    wideColumn('Readiness Gates', readinessGates),
  ],
  defaults(next) {
    const spec = ensureObjectAt(next, 'spec');
    defaultPodSpec(spec);
    if (spec['enableServiceLinks'] === undefined) spec['enableServiceLinks'] = true;
    for (const container of containersOf(spec)) requestLimits(container);
  },
  initialStatus: (next) => ({ phase: 'Pending', qosClass: qosClass(specOf(next)) }),
  prepareForCreate: (next) => addDefaultTolerations(ensureObjectAt(next, 'spec')),
  statusKeeps: ['ownerReferences'],
  validate: (next, old) => [
    ...validatePodSpec(specOf(next), 'spec'),
    ...(old === undefined ? [] : updateErrors(next, old)),
  ],
  gracePeriodSeconds(object) {
    const phase = statusOf(object)['phase'];
    const finished = phase === 'Succeeded' || phase === 'Failed';
    // Nobody has to stop what no node runs.
    if (finished || stringAt(specOf(object), 'nodeName') === '') return 0;
    return optionalNumberAt(specOf(object), 'terminationGracePeriodSeconds') ?? 30;
  },
});

function podIP(object: KubeObject): string {
  const [first] = objectsAt(statusOf(object), 'podIPs');
  return first === undefined ? '' : stringAt(first, 'ip');
}

function containerStatuses(object: KubeObject): JsonObject[] {
  return objectsAt(statusOf(object), 'containerStatuses');
}

function sumOf(items: readonly JsonObject[], field: string): number {
  return items.reduce((sum, item) => sum + numberAt(item, field), 0);
}

function readyContainers(object: KubeObject): string {
  const ready = containerStatuses(object).filter((status) => booleanAt(status, 'ready')).length;
  return `${ready}/${objectsAt(specOf(object), 'containers').length}`;
}

/** The phase, or the reason of the container that matters most, or that the pod is going away. */
function podStatus(object: KubeObject): string {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const [reason] = containerStatuses(object).flatMap((status) => containerReason(objectAt(status, 'state')));
  return reason ?? (stringAt(statusOf(object), 'reason') || stringAt(statusOf(object), 'phase'));
}

function containerReason(state: JsonObject): string[] {
  const waiting = stringAt(objectAt(state, 'waiting'), 'reason');
  if (waiting !== '') return [waiting];
  if (!Object.hasOwn(state, 'terminated')) return [];
  const terminated = objectAt(state, 'terminated');
  const signal = numberAt(terminated, 'signal');
  return [
    stringAt(terminated, 'reason') ||
      (signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`),
  ];
}

function readinessGates(object: KubeObject): string {
  const gates = objectsAt(specOf(object), 'readinessGates').map((gate) => gate['conditionType']);
  if (gates.length === 0) return '<none>';
  const conditions = objectsAt(statusOf(object), 'conditions');
  const open = gates.filter((gate) =>
    conditions.some((condition) => condition['type'] === gate && condition['status'] === 'True'),
  );
  return `${open.length}/${gates.length}`;
}

/** In pods, unlike in templates, a limit without a request is the request as well. */
function requestLimits(container: JsonObject): void {
  const resources = objectAt(container, 'resources');
  for (const [name, limit] of Object.entries(objectAt(resources, 'limits'))) {
    setDefault(ensureObjectAt(resources, 'requests'), name, limit);
  }
}

const EVICTION_TAINTS = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Tolerates for a while that the node is lost: what an admission plugin of every cluster adds. */
function addDefaultTolerations(spec: JsonObject): void {
  const tolerations = objectsAt(spec, 'tolerations');
  for (const key of EVICTION_TAINTS) {
    const tolerated = tolerations.some(
      (toleration) =>
        [key, ''].includes(stringAt(toleration, 'key')) && ['NoExecute', ''].includes(stringAt(toleration, 'effect')),
    );
    if (!tolerated) tolerations.push({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 });
  }
  spec['tolerations'] = tolerations;
}

/** @see {@link https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ | Quality of service classes} */
function qosClass(spec: JsonObject): string {
  const amounts = ['containers', 'initContainers']
    .flatMap((field) => objectsAt(spec, field))
    .flatMap((container) => ['cpu', 'memory'].map((name) => amountsOf(objectAt(container, 'resources'), name)));
  if (amounts.every(({ request, limit }) => request === 0n && limit === 0n)) return 'BestEffort';
  return amounts.every(({ request, limit }) => limit !== 0n && request === limit) ? 'Guaranteed' : 'Burstable';
}

function amountsOf(resources: JsonObject, name: string): { request: bigint; limit: bigint } {
  const limit = amountOf(objectAt(resources, 'limits')[name]);
  const request = objectAt(resources, 'requests')[name];
  return { limit, request: request === undefined ? limit : amountOf(request) };
}

function amountOf(quantity: unknown): bigint {
  return typeof quantity === 'string' ? parseQuantity(quantity).nanos : 0n;
}

const UPDATABLE =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

function updateErrors(next: KubeObject, old: KubeObject): FieldError[] {
  const spec = specWith(next, old, ['activeDeadlineSeconds', 'tolerations']);
  for (const field of ['containers', 'initContainers']) {
    const before = objectsAt(specOf(old), field);
    const after = objectsAt(spec, field);
    if (after.length !== before.length) {
      return [forbidden(child('spec', field), 'pod updates may not add or remove containers')];
    }
    after.forEach((container, position) => {
      container['image'] = before[position]?.['image'];
    });
  }
  if (Array.isArray(specOf(old)['schedulingGates'])) {
    const movable = ['schedulingGates', 'nodeSelector', 'affinity'];
    for (const field of movable) spec[field] = specOf(old)[field];
  }
  return equalJson(withoutAbsent(spec), withoutAbsent(specOf(old))) ? [] : [forbidden('spec', UPDATABLE)];
}

function withoutAbsent(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));
}

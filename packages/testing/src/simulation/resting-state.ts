import type { ControlPlane } from '@trueup/control-plane';

/** Objects by `Kind/name`, without what differs from run to run. */
export type RestingState = ReadonlyMap<string, JsonObject>;

/** Where two runs came to rest differently. */
export interface Difference {
  /** `Greeting/world: status.conditions.Ready.message`. */
  readonly path: string;
  /** Absent where there is nothing. */
  readonly undisturbed?: unknown;
  readonly disturbed?: unknown;
}

type JsonObject = Readonly<Record<string, unknown>>;
type ServedObject = ReturnType<ControlPlane['api']['list']>[number];

/** What the server makes by itself, under names of its own, and what may be lost. */
const NOT_COMPARED = new Set([
  ...['events', 'pods', 'replicasets', 'controllerrevisions', 'endpoints', 'endpointslices', 'leases'],
]);
const INCIDENTAL = new Set(['uid', 'resourceVersion', 'managedFields', 'creationTimestamp', 'generation']);
/** Drawn by the server, or counting the steps on the way. */
const DRAWN = ['clusterIP', 'clusterIPs', 'deployment.kubernetes.io/revision', 'collisionCount'];
const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/;

/** How everything in a namespace stands, in a form that is the same for runs that end the same. */
export function restingState(
  { api }: ControlPlane,
  namespace: string,
  drawnByOperator: readonly string[] = [],
): RestingState {
  const drawn = new Set([...DRAWN, ...drawnByOperator]);
  const resources = api.resources().filter(({ namespaced, plural }) => namespaced && !NOT_COMPARED.has(plural));
  const objects = resources.flatMap((resource) =>
    api.list(resource, namespace).map((object) => ({ key: `${resource.kind}/${object.metadata.name}`, object })),
  );
  const alive = new Set(objects.map(({ object }) => object.metadata.uid));
  return new Map(objects.map(({ key, object }) => [key, comparable(object, alive, drawn)]));
}

/** Objects, as `Kind/name`, about which something is wrong: nothing may be applied for them. */
export function heldIn(state: RestingState = new Map()): ReadonlySet<string> {
  return new Set([...state].filter(([, object]) => isWrong(object)).map(([key]) => key));
}

export function differencesBetween(undisturbed: RestingState, disturbed: RestingState): readonly Difference[] {
  const keys = [...new Set([...undisturbed.keys(), ...disturbed.keys()])].sort();
  return keys.flatMap((key) => compare(`${key}:`, undisturbed.get(key), disturbed.get(key)));
}

function comparable(object: ServedObject, alive: ReadonlySet<unknown>, drawn: ReadonlySet<string>): JsonObject {
  const { generation } = object.metadata;
  const simplified = (key: string, value: unknown): unknown => {
    // Runs take other ways, in more or fewer steps; but each must have seen the last.
    if (key === 'observedGeneration' && typeof value === 'number') return { behindBy: Number(generation) - value };
    if (typeof value === 'string' && TIMESTAMP.test(value)) return '<time>';
    if (Array.isArray(value))
      return listed(
        key,
        value.map((item: unknown) => simplified('', item)),
      );
    if (!isObject(value)) return value;
    const fields = Object.entries(value).filter(([field]) => !drawn.has(field));
    return Object.fromEntries(fields.map(([field, held]) => [field, simplified(field, held)]));
  };
  const { metadata, ...rest } = simplified('', object) as { metadata: JsonObject };
  const owners = (object.metadata.ownerReferences ?? []).map(
    ({ kind, name, uid }) => `${kind}/${name}${alive.has(uid) ? '' : ', which is gone'}`,
  );
  const kept = Object.entries(metadata).filter(([field]) => !INCIDENTAL.has(field) && field !== 'ownerReferences');
  return { ...rest, metadata: { ...Object.fromEntries(kept), owners, managers: managersOf(object) } };
}

function isWrong({ status }: JsonObject): boolean {
  const conditions = isObject(status) && isObject(status['conditions']) ? Object.values(status['conditions']) : [];
  return conditions.some((condition) => isObject(condition) && condition['status'] !== 'True');
}

/** Conditions by type: their order tells of the order of events. */
function listed(key: string, items: readonly unknown[]): unknown {
  if (key !== 'conditions') return items;
  return Object.fromEntries(items.map((item) => [isObject(item) ? String(item['type']) : String(item), item]));
}

/** Who owns fields, and which. */
function managersOf({ metadata }: ServedObject): JsonObject {
  return Object.fromEntries(
    (metadata.managedFields ?? [])
      .filter(({ operation }) => operation === 'Apply')
      .map(({ manager, subresource, fieldsV1 }) => [
        [manager, subresource].filter((part) => part !== undefined).join(' '),
        withoutOwners(fieldsV1),
      ]),
  );
}

/** Owners are compared by name; here they have their uid. */
function withoutOwners(fields: JsonObject = {}): JsonObject {
  if (!isObject(fields['f:metadata'])) return fields;
  const { 'f:ownerReferences': _, ...metadata } = fields['f:metadata'];
  return { ...fields, 'f:metadata': metadata };
}

function compare(path: string, undisturbed: unknown, disturbed: unknown): readonly Difference[] {
  if (isObject(undisturbed) && isObject(disturbed)) {
    const fields = new Set([...Object.keys(undisturbed), ...Object.keys(disturbed)]);
    return [...fields].flatMap((field) => compare(`${path}.${field}`, undisturbed[field], disturbed[field]));
  }
  if (JSON.stringify(undisturbed) === JSON.stringify(disturbed)) return [];
  return [{ path: path.replace(':.', ': '), undisturbed, disturbed }];
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

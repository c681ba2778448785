import { load } from 'js-yaml';
import type { RecordedObject } from './recordings.js';

/** Objects as they are compared, by `Kind/name`. */
export type Objects = ReadonlyMap<string, unknown>;

/** Everything in a namespace after a step: as recorded, ours, and ours after the step before. */
export interface Sides {
  readonly recorded: Objects;
  readonly ours: Objects;
  readonly oursBefore: Objects;
}

/** One place where an object differs from the recorded one; `undefined` stands for absent. */
export interface Difference {
  /** `Kind/name` and the path inside: `MCPServer/a.status.conditions.Ready.message`. */
  readonly where: string;
  readonly recorded: unknown;
  readonly ours: unknown;
  /** Often the reason lies in another object. */
  readonly among: Sides;
}

/** What every object has anew, or what the server fills in. */
const INCIDENTAL = new Set([
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'managedFields',
  'lastTransitionTime',
  'lastUpdateTime',
  'startTime',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'lastDiscovered',
  'clusterIP',
  'clusterIPs',
  'namespace',
  'deployment.kubernetes.io/revision',
]);
/** The status of these is the cluster's, and so is their generation. */
const OF_THE_CLUSTER = new Set(['Deployment', 'Service']);
const IS_HASH = /^(sha256:)?[0-9a-f]{7,64}$/;
/** Lists whose items have names: their order says nothing, and an item that is missing is one difference. */
const NAMED_LISTS = new Set([
  'conditions',
  'containers',
  'initContainers',
  'volumes',
  'volumeMounts',
  'env',
  'ports',
  'discoveredBackends',
]);

/** Compares objects by kind and name, path by path. */
export function differencesBetween(among: Sides): readonly Difference[] {
  const { recorded, ours } = among;
  return [...new Set([...recorded.keys(), ...ours.keys()])].flatMap((name) => {
    if (!ours.has(name)) return [{ where: name, recorded: 'an object', ours: undefined, among }];
    if (!recorded.has(name)) return [{ where: name, recorded: undefined, ours: 'an object', among }];
    return differences(name, recorded.get(name), ours.get(name)).map((each) => ({ ...each, among }));
  });
}

/** Objects by kind and name without what is incidental; JSON and YAML inside ConfigMaps as data. */
export function comparable(objects: readonly RecordedObject[]): Objects {
  return new Map(
    objects
      // StatefulSets were made by a stand-in for the proxy runner, there and here.
      .filter(({ kind }) => kind !== 'RecordedEvents' && kind !== 'StatefulSet')
      .map((object) => [`${object.kind}/${object.metadata.name}`, tidy(essence(object), '')]),
  );
}

function essence(object: RecordedObject): unknown {
  if (object.kind === 'Secret')
    return { ...object, data: Object.keys((object['data'] as object | undefined) ?? {}).sort() };
  if (!OF_THE_CLUSTER.has(object.kind)) return object;
  return { ...object, metadata: { ...object.metadata, generation: undefined }, status: undefined };
}

function tidy(value: unknown, key: string): unknown {
  if (typeof value === 'string') return tidyText(value, key);
  // One hash reads as a number where it is not quoted.
  if (typeof value === 'number') return tidyText(String(value), key) === '<hash>' ? '<hash>' : value;
  if (Array.isArray(value)) {
    const items = value.map((item) => tidy(item, ''));
    const names = NAMED_LISTS.has(key) ? items.map(nameOfItem) : [];
    return names.length > 0 && names.every((name) => name !== undefined)
      ? Object.fromEntries(items.map((item, index) => [names[index], item]))
      : items;
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => !INCIDENTAL.has(name))
      .map(([name, member]): [string, unknown] => [name, tidy(member, name)])
      .filter(([, member]) => !isEmpty(member)),
  );
}

/** Absent and empty are the same to whoever reads an object. */
function isEmpty(value: unknown): boolean {
  return value === undefined || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function tidyText(text: string, key: string): unknown {
  if (/\.(json|ya?ml)$/.test(key) && /^[\s{[]|:\s/.test(text)) {
    try {
      return tidy(load(text), '');
    } catch {
      return text;
    }
  }
  if (key.endsWith('restarted-at')) return Number.isNaN(Date.parse(text)) ? text : '<time>';
  return /hash|checksum|revision/i.test(key) && IS_HASH.test(text) ? '<hash>' : text;
}

function nameOfItem(item: unknown): string | undefined {
  const { type, mountPath, name } = item as { type?: string; mountPath?: string; name?: string };
  return type ?? mountPath ?? name;
}

function differences(where: string, recorded: unknown, ours: unknown): readonly Omit<Difference, 'among'>[] {
  if (isMap(recorded) && isMap(ours)) {
    return [...new Set([...Object.keys(recorded), ...Object.keys(ours)])].flatMap((name) =>
      differences(`${where}.${name}`, recorded[name], ours[name]),
    );
  }
  if (Array.isArray(recorded) && Array.isArray(ours) && recorded.length === ours.length) {
    return recorded.flatMap((item, index) => differences(`${where}[${String(index)}]`, item, ours[index]));
  }
  return JSON.stringify(recorded) === JSON.stringify(ours) ? [] : [{ where, recorded, ours }];
}

const isMap = (value: unknown): value is Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

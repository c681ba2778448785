import { createHash } from 'node:crypto';
import { goJson, sortedKeys } from '../formats/go-json.js';
import { decodePodTemplate, PodTemplateError, type PodTemplate } from './decode-pod-template.js';
import { goStruct } from './pod-template-types.js';

type Json = Readonly<Record<string, unknown>>;

/** The field by which two items of a list are the same item. Lists of other types are replaced as a whole. */
const MERGE_KEYS: ReadonlyMap<string, string> = new Map([
  ['Container', 'name'],
  ['ContainerPort', 'containerPort'],
  ['EnvVar', 'name'],
  ['EphemeralContainer', 'name'],
  ['HostAlias', 'ip'],
  ['LocalObjectReference', 'name'],
  ['OwnerReference', 'uid'],
  ['PodResourceClaim', 'name'],
  ['PodSchedulingGate', 'name'],
  ['TopologySpreadConstraint', 'topologyKey'],
  ['Volume', 'name'],
  ['VolumeDevice', 'devicePath'],
  ['VolumeMount', 'mountPath'],
]);

/** In an object or a list item: `delete` or `replace` what is there. */
const DIRECTIVE = '$patch';
/** In an object: the only keys that stay. */
const RETAIN_KEYS = '$retainKeys';

/**
 * Lays the pod template that a user gave over a generated one, as a strategic merge patch: maps merge by key, lists of
 * containers, variables, volumes and the like item by item, other lists are replaced, `null` deletes, and `$patch` and
 * `$retainKeys` do what they do there. What Kubernetes does not know is dropped.
 *
 * @throws {@link PodTemplateError} when the user's template has a field of the wrong type or cannot be merged.
 * @see {@link https://github.com/kubernetes/community/blob/main/contributors/devel/sig-api-machinery/strategic-merge-patch.md | Strategic Merge Patch}
 */
export function mergePodTemplate(template: object, raw: unknown): PodTemplate {
  decodePodTemplate(raw);
  return decodePodTemplate(merge(template, raw, 'PodTemplateSpec'));
}

/** Identifies a raw pod template, however it is written: SHA-256 of its compact JSON with sorted keys; hex. */
export function podTemplateHash(raw: unknown): string {
  return createHash('sha256')
    .update(goJson(sortedKeys(raw)))
    .digest('hex');
}

function merge(before: unknown, patch: unknown, declared: string): unknown {
  const type = declared.replace(/^\*/, '');
  if (isObject(patch)) return mergeObjects(isObject(before) ? before : {}, patch, type);
  const key = MERGE_KEYS.get(type.slice('[]'.length));
  if (!Array.isArray(patch) || key === undefined) return patch;
  return mergeLists(Array.isArray(before) ? before.filter(isObject) : [], patch.filter(isObject), {
    key,
    type: type.slice('[]'.length),
  });
}

function mergeObjects(before: Json, patch: Json, type: string): Json {
  const { [DIRECTIVE]: directive = 'merge', [RETAIN_KEYS]: retained, ...changes } = patch;
  if (directive === 'delete') return {};
  if (directive !== 'merge' && directive !== 'replace') throw unknownDirective(directive, patch);
  const merged = new Map(directive === 'replace' ? [] : Object.entries(before));
  if (Array.isArray(retained)) for (const key of merged.keys()) if (!retained.includes(key)) merged.delete(key);
  const fields = goStruct(type) ?? [];
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) merged.delete(key);
    else merged.set(key, merge(merged.get(key), value, fields.find(({ name }) => name === key)?.type ?? ''));
  }
  return Object.fromEntries(merged);
}

interface Items {
  readonly type: string;
  readonly key: string;
}

function mergeLists(before: readonly Json[], patch: readonly Json[], { type, key }: Items): readonly Json[] {
  const changes = patch.filter((item) => item[DIRECTIVE] !== 'delete' && !isReplacement(item));
  const keyless = patch.find((item) => item[key] === undefined && !isReplacement(item));
  if (keyless !== undefined) {
    throw mergeFailure(`map: ${goJson(keyless)} does not contain declared merge key: ${key}`);
  }
  const deleted = patch.filter((item) => item[DIRECTIVE] === 'delete').map((item) => item[key]);
  const kept = patch.some(isReplacement) ? [] : before.filter((item) => !deleted.includes(item[key]));
  const changed = new Map<unknown, Json>();
  for (const change of changes) {
    const start = changed.get(change[key]) ?? kept.find((item) => item[key] === change[key]) ?? {};
    changed.set(change[key], mergeObjects(start, change, type));
  }
  const untouched = kept.filter((item) => !changed.has(item[key]));
  return interleaved([...changed.values()], untouched, (item) => before.findIndex((other) => other[key] === item[key]));
}

/** Items keep their places; new ones come where the scan for the places of those before them has got to. */
function interleaved(
  changed: readonly Json[],
  untouched: readonly Json[],
  placeOf: (item: Json) => number,
): readonly Json[] {
  const merged = [...untouched];
  let at = 0;
  for (const item of changed) {
    const place = placeOf(item);
    while (at < merged.length && placeOf(merged[at] ?? item) < place) at += 1;
    merged.splice(at, 0, item);
    at += 1;
  }
  return merged;
}

/** An item that says nothing but that the others are the whole list. */
function isReplacement(item: Json): boolean {
  return item[DIRECTIVE] === 'replace' && Object.keys(item).length === 1;
}

function unknownDirective(directive: unknown, patch: Json): PodTemplateError {
  return mergeFailure(`unknown patch type: ${String(directive)} in map: ${goJson(patch)}`);
}

function mergeFailure(cause: string): PodTemplateError {
  return new PodTemplateError(`failed to apply strategic merge patch: ${cause}`);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

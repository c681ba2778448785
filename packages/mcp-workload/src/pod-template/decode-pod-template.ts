import type { Container, Volume } from '@trueup/core';
import { canonicalQuantity, QuantityError } from '../formats/quantity.js';
import { byBytes } from '../formats/go-json.js';
import { goStruct, type GoField } from './pod-template-types.js';

/** A raw pod template that is not one. The message is what Go's decoder says, so that it can be looked up. */
export class PodTemplateError extends Error {
  override readonly name = 'PodTemplateError';
}

/** A pod template as typed clients write it. Only the fields looked at here have types. */
export interface PodTemplate {
  readonly metadata: PodTemplateMetadata;
  readonly spec: PodSpec;
}

export interface PodTemplateMetadata {
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface PodSpec {
  readonly containers: readonly Container[] | null;
  readonly initContainers?: readonly Container[];
  readonly serviceAccountName?: string;
  readonly volumes?: readonly Volume[];
  readonly [field: string]: unknown;
}

/** Where the decoder is: the struct it is in, and the path of field names from the root. */
interface Place {
  readonly struct: string;
  readonly path: readonly string[];
}

type Json = { readonly [key: string]: unknown };

/**
 * Reads a raw pod template with the types of Kubernetes and writes it again: fields that Kubernetes does not know are
 * dropped, the others come in the order of declaration, quantities in canonical form. Equal templates give equal text,
 * whatever form they were given in.
 *
 * @throws {@link PodTemplateError} when a field has the wrong type; the first one in the document counts.
 */
export function decodePodTemplate(raw: unknown): PodTemplate {
  // Decoding against the PodTemplateSpec declaration is what gives the value this type.
  return decode(raw, 'PodTemplateSpec', { struct: '', path: [] }) as PodTemplate;
}

function decode(value: unknown, type: string, place: Place): unknown {
  if (type.startsWith('*')) return value === null ? undefined : decode(value, type.slice(1), place);
  if (value === null) return undefined;
  if (type.startsWith('[]')) return decodeList(value, type, place);
  switch (type) {
    case 'string':
      return typeof value === 'string' ? value : refuse(value, type, place);
    case 'bool':
      return typeof value === 'boolean' ? value : refuse(value, type, place);
    case 'int32':
    case 'int64':
      return decodeInteger(value, type, place);
    case 'map[string]string':
      return decodeMap(value, type, place, (item) => decode(item, 'string', place) ?? '');
    case 'ResourceList':
      return decodeMap(value, type, place, (item) => decode(item, 'Quantity', place) ?? '0');
    case 'Quantity':
      return decodeQuantity(value);
    case 'IntOrString':
      return typeof value === 'string' ? value : decodeInteger(value, 'int32', place);
    case 'Time':
      return decodeTime(value, place);
  }
  const fields = goStruct(type);
  if (fields !== undefined) return decodeStruct(value, type, fields, place);
  return typeof value === 'string' ? value : refuse(value, type, place);
}

function decodeStruct(value: unknown, type: string, fields: readonly GoField[], place: Place): Json {
  if (!isObject(value)) return refuse(value, type, place);
  const decoded = new Map<string, unknown>();
  for (const [name, member] of Object.entries(value)) {
    const field = fields.find((candidate) => candidate.name === name);
    if (field !== undefined) {
      decoded.set(name, decode(member, field.type, { struct: type, path: [...place.path, name] }));
    }
  }
  return Object.fromEntries(
    fields
      .map((field) => [field.name, decoded.get(field.name) ?? emptyValue(field)] as const)
      .filter(([name, member], index) => isWritten(fields[index], decoded.has(name), member)),
  );
}

/** What Go writes for a field that was not in the document. */
function emptyValue({ type, isAlwaysWritten }: GoField): unknown {
  if (goStruct(type) !== undefined) return decodeStruct({}, type, goStruct(type) ?? [], { struct: type, path: [] });
  if (type === 'Quantity') return '0';
  if (!isAlwaysWritten) return undefined;
  if (type === 'string') return '';
  if (type === 'bool') return false;
  if (type === 'int32' || type === 'int64' || type === 'IntOrString') return 0;
  return /^(\*|\[\]|map\[)/.test(type) ? null : '';
}

function isWritten(field: GoField | undefined, isGiven: boolean, member: unknown): boolean {
  if (member === undefined || field === undefined) return false;
  if (field.isAlwaysWritten) return true;
  if (isGiven && field.type.startsWith('*')) return true;
  if (goStruct(field.type) !== undefined) return true;
  return !isEmpty(member);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === '' || value === 0 || value === false;
}

function decodeList(value: unknown, type: string, place: Place): readonly unknown[] {
  if (!Array.isArray(value)) return refuse(value, type, place);
  const itemType = type.slice(2);
  return value.map((item: unknown) => decode(item, itemType, place) ?? emptyItem(itemType));
}

/** A `null` in a list stands for the empty item. */
function emptyItem(type: string): unknown {
  return emptyValue({ name: '', type, isAlwaysWritten: true });
}

function decodeMap(value: unknown, type: string, place: Place, item: (value: unknown) => unknown): Json {
  if (!isObject(value)) return refuse(value, type, place);
  const decoded = Object.entries(value).map(([key, member]) => [key, item(member)] as const);
  return Object.fromEntries(decoded.sort(([a], [b]) => byBytes(a, b)));
}

function decodeInteger(value: unknown, type: 'int32' | 'int64', place: Place): number {
  if (typeof value !== 'number') return refuse(value, type, place);
  const limit = type === 'int32' ? 2 ** 31 : 2 ** 63;
  if (!Number.isInteger(value) || value < -limit || value >= limit)
    return refuse(value, type, place, `number ${value}`);
  return value;
}

function decodeQuantity(value: unknown): string {
  try {
    return canonicalQuantity(typeof value === 'string' ? value : JSON.stringify(value));
  } catch (error) {
    throw error instanceof QuantityError ? new PodTemplateError(error.message) : error;
  }
}

function decodeTime(value: unknown, place: Place): string {
  if (typeof value !== 'string') return refuse(value, 'string', place);
  const time = Date.parse(value);
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value) || Number.isNaN(time)) {
    throw new PodTemplateError(`parsing time "${value}" as "2006-01-02T15:04:05Z07:00": cannot parse "${value}"`);
  }
  return `${new Date(time).toISOString().slice(0, 19)}Z`;
}

/** @see {@link https://pkg.go.dev/encoding/json#UnmarshalTypeError | UnmarshalTypeError} for the form of the message */
function refuse(value: unknown, type: string, place: Place, described = describe(value)): never {
  const where = place.struct === '' ? 'value' : `struct field ${[place.struct, ...place.path].join('.')}`;
  throw new PodTemplateError(`json: cannot unmarshal ${described} into Go ${where} of type ${goTypeName(type)}`);
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

function goTypeName(type: string): string {
  if (type.startsWith('[]')) return `[]${goTypeName(type.slice(2))}`;
  if (/^(string|bool|int32|int64|map\[.*)$/.test(type)) return type;
  return type === 'UID' ? 'types.UID' : `v1.${type}`;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

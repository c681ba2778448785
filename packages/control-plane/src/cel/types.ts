/** A static type of CEL. `maxSize` bounds how large a value can be, where the schema says so: for cost estimates. */
export type CelType =
  | { readonly kind: SimpleKind; readonly maxSize?: number }
  | { readonly kind: 'list'; readonly element: CelType; readonly maxSize?: number }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType; readonly maxSize?: number }
  | { readonly kind: 'object'; readonly fields: ReadonlyMap<string, CelType>; readonly maxSize?: number }
  | { readonly kind: 'optional'; readonly value: CelType; readonly maxSize?: number }
  /** A type of a library, such as a URL. */
  | { readonly kind: 'opaque'; readonly name: string; readonly maxSize?: number }
  /** A type parameter of a function's signature. */
  | { readonly kind: 'parameter'; readonly name: string; readonly maxSize?: number };

type SimpleKind =
  'bool' | 'bytes' | 'double' | 'duration' | 'dyn' | 'int' | 'null' | 'string' | 'timestamp' | 'type' | 'uint';

export const BOOL: CelType = { kind: 'bool' };
export const BYTES: CelType = { kind: 'bytes' };
export const DOUBLE: CelType = { kind: 'double' };
export const DURATION: CelType = { kind: 'duration' };
export const DYN: CelType = { kind: 'dyn' };
export const INT: CelType = { kind: 'int' };
export const NULL: CelType = { kind: 'null' };
export const STRING: CelType = { kind: 'string' };
export const TIMESTAMP: CelType = { kind: 'timestamp' };
export const TYPE: CelType = { kind: 'type' };
export const UINT: CelType = { kind: 'uint' };

export function listOf(element: CelType, maxSize?: number): CelType {
  return { kind: 'list', element, ...(maxSize === undefined ? {} : { maxSize }) };
}

export function mapOf(key: CelType, value: CelType, maxSize?: number): CelType {
  return { kind: 'map', key, value, ...(maxSize === undefined ? {} : { maxSize }) };
}

export function optionalOf(value: CelType): CelType {
  return { kind: 'optional', value };
}

/** What the type parameters of a call stand for. */
export type Bindings = Map<string, CelType>;

/**
 * Whether a value of type `source` can go where `target` is expected. Type parameters of the target are bound to what
 * they meet first, or to dyn when they meet it later.
 */
export function isAssignable(target: CelType, source: CelType, bindings: Bindings): boolean {
  if (target.kind === 'parameter') {
    return bindParameter(target.name, source, bindings);
  }
  if (target.kind === 'dyn' || source.kind === 'dyn') {
    return true;
  }
  if (source.kind === 'null') {
    return ['null', 'object', 'opaque', 'duration', 'timestamp'].includes(target.kind);
  }
  if (target.kind === 'list') {
    return source.kind === 'list' && isAssignable(target.element, source.element, bindings);
  }
  if (target.kind === 'map') {
    return (
      source.kind === 'map' &&
      isAssignable(target.key, source.key, bindings) &&
      isAssignable(target.value, source.value, bindings)
    );
  }
  if (target.kind === 'optional') {
    return source.kind === 'optional' && isAssignable(target.value, source.value, bindings);
  }
  if (target.kind === 'object') {
    return source.kind === 'object' && source.fields === target.fields;
  }
  if (target.kind === 'opaque') {
    return source.kind === 'opaque' && source.name === target.name;
  }
  return source.kind === target.kind;
}

function bindParameter(name: string, source: CelType, bindings: Bindings): boolean {
  const bound = bindings.get(name);
  if (bound === undefined) {
    bindings.set(name, source);
    return true;
  }
  if (isAssignable(bound, source, bindings)) {
    if (hasDyn(source) && !hasDyn(bound)) {
      bindings.set(name, source);
    }
    return true;
  }
  if (isAssignable(source, bound, bindings)) {
    bindings.set(name, source);
    return true;
  }
  return false;
}

/** Replaces type parameters by what they are bound to; unbound ones become dyn. */
export function substitute(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'parameter':
      return bindings.get(type.name) ?? DYN;
    case 'list':
      return listOf(substitute(type.element, bindings));
    case 'map':
      return mapOf(substitute(type.key, bindings), substitute(type.value, bindings));
    case 'optional':
      return optionalOf(substitute(type.value, bindings));
    default:
      return type;
  }
}

/** The type that holds values of both types; undefined when there is none. */
export function joinTypes(a: CelType, b: CelType): CelType | undefined {
  const bindings: Bindings = new Map();
  const parameter: CelType = { kind: 'parameter', name: 'T' };
  if (!isAssignable(parameter, a, bindings) || !isAssignable(parameter, b, bindings)) {
    return undefined;
  }
  const joined = bindings.get('T') ?? DYN;
  const { maxSize: sizeA } = a;
  const { maxSize: sizeB } = b;
  return sizeA === undefined || sizeB === undefined ? joined : { ...joined, maxSize: Math.max(sizeA, sizeB) };
}

function hasDyn(type: CelType): boolean {
  switch (type.kind) {
    case 'dyn':
      return true;
    case 'list':
      return hasDyn(type.element);
    case 'map':
      return hasDyn(type.key) || hasDyn(type.value);
    case 'optional':
      return hasDyn(type.value);
    default:
      return false;
  }
}

/** The type's name in error messages. */
export function printType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${printType(type.element)})`;
    case 'map':
      return `map(${printType(type.key)}, ${printType(type.value)})`;
    case 'optional':
      return `optional_type(${printType(type.value)})`;
    case 'opaque':
    case 'parameter':
      return type.name;
    case 'duration':
      return 'google.protobuf.Duration';
    case 'timestamp':
      return 'google.protobuf.Timestamp';
    default:
      return type.kind;
  }
}

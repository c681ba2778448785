import { REGEX_FACTOR, TRAVERSAL_FACTOR } from './cost.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  optionalOf,
  STRING,
  TIMESTAMP,
  UINT,
  type CelType,
} from './types.js';
import {
  Duration,
  isOpaque,
  ListValue,
  MapValue,
  OptionalValue,
  Timestamp,
  Uint,
  type OpaqueValue,
  type Value,
} from './values.js';

/** A parameter of a function: its static type, and how to tell at run time whether a value fits. */
export interface Parameter<V extends Value = Value> {
  readonly type: CelType;
  holds(value: Value): value is V;
}

/** One implementation of a function, for arguments of certain types. */
export interface Overload {
  readonly name: string;
  /** Called on its first argument: `text.size()`. */
  readonly isMethod: boolean;
  readonly parameters: readonly Parameter[];
  readonly result: CelType;
  /** Runs the function, or returns undefined when the arguments are of other types. */
  call(args: readonly Value[]): Value | undefined;
  /** What a call costs; absent: 1. */
  readonly cost?: SizeFormula;
  /** How large its result can be; absent: unknown. */
  readonly size?: SizeFormula;
  /**
   * What a call costs here beyond that, because cel-go shares where this copies; charged at run time only, so that no
   * expression that costs little takes long.
   */
  readonly copying?: SizeFormula;
}

/** A cost or a size, from the sizes of the arguments. The same formula estimates before and measures at run time. */
export type SizeFormula = (sizes: readonly number[]) => number;

/** How a function's costs and sizes grow. */
export type Growth = Pick<Overload, 'cost' | 'size' | 'copying'>;

type ValuesOf<P extends readonly Parameter[]> = {
  [K in keyof P]: P[K] extends Parameter<infer V> ? V : never;
};

type Implementation<P extends readonly Parameter[]> = (...args: ValuesOf<P>) => Value;

/** A function called by its name: `size(text)`. */
export function fn<const P extends readonly Parameter[]>(
  name: string,
  parameters: P,
  result: CelType,
  run: Implementation<P>,
  growth: Growth = {},
): Overload {
  return overload(name, false, parameters, result, run, growth);
}

/** A function called on its first argument: `text.size()`. */
export function method<const P extends readonly Parameter[]>(
  name: string,
  parameters: P,
  result: CelType,
  run: Implementation<P>,
  growth: Growth = {},
): Overload {
  return overload(name, true, parameters, result, run, growth);
}

function overload<P extends readonly Parameter[]>(
  name: string,
  isMethod: boolean,
  parameters: P,
  result: CelType,
  run: Implementation<P>,
  growth: Growth,
): Overload {
  return {
    name,
    isMethod,
    parameters,
    result,
    call: (args) => (allHold(parameters, args) ? run(...args) : undefined),
    ...growth,
  };
}

function allHold<P extends readonly Parameter[]>(parameters: P, args: readonly Value[]): args is ValuesOf<P> {
  return (
    args.length === parameters.length &&
    parameters.every((parameter, position) => {
      const value = args[position];
      return value !== undefined && parameter.holds(value);
    })
  );
}

function parameter<V extends Value>(type: CelType, holds: (value: Value) => value is V): Parameter<V> {
  return { type, holds };
}

function isValue(value: Value): value is Value {
  return value !== undefined;
}

export const aBool = parameter(BOOL, (value) => typeof value === 'boolean');
export const aBytes = parameter(BYTES, (value) => value instanceof Uint8Array);
export const aDouble = parameter(DOUBLE, (value) => typeof value === 'number');
export const aDuration = parameter(DURATION, (value) => value instanceof Duration);
export const anInt = parameter(INT, (value) => typeof value === 'bigint');
export const aString = parameter(STRING, (value) => typeof value === 'string');
export const aTimestamp = parameter(TIMESTAMP, (value) => value instanceof Timestamp);
export const aUint = parameter(UINT, (value) => value instanceof Uint);
export const anything = parameter(DYN, isValue);

/** The type parameters of signatures. */
export const A: CelType = { kind: 'parameter', name: 'A' };
export const B: CelType = { kind: 'parameter', name: 'B' };
export const anA = parameter(A, isValue);

export function aListOf(element: CelType): Parameter<ListValue> {
  return parameter(listOf(element), (value) => value instanceof ListValue);
}

export function aMapOf(key: CelType, value: CelType): Parameter<MapValue> {
  return parameter(mapOf(key, value), (candidate) => candidate instanceof MapValue);
}

export function anOptionalOf(value: CelType): Parameter<OptionalValue> {
  return parameter(optionalOf(value), (candidate) => candidate instanceof OptionalValue);
}

/** A parameter of a library's own type. */
export function anOpaque<V extends OpaqueValue>(
  type: CelType,
  holds: (value: OpaqueValue) => value is V,
): Parameter<V> {
  return parameter(type, (value): value is V => isOpaque(value) && holds(value));
}

const traverse: SizeFormula = ([size = 0]) => size * TRAVERSAL_FACTOR;

/** The first argument is read from one end to the other. */
export const TRAVERSAL: Growth = { cost: traverse };

/** The first argument is read, and the result is no longer than it. */
export const TRANSFORMATION: Growth = { cost: traverse, size: ([size = 0]) => size };

/** A regular expression, the second argument, is searched in the first. */
export const REGEX_SEARCH: Growth = {
  cost: ([text = 0, pattern = 0]) => Math.ceil((text + 1) * TRAVERSAL_FACTOR) * Math.ceil(pattern * REGEX_FACTOR),
  size: ([text = 0]) => text,
};

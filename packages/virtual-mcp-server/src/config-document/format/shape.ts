import { formatGoDuration, parseGoDuration, SpecError } from '@trueup/core';
import { byBytes, sortedKeys } from '@trueup/mcp-workload';

/**
 * How one value stands in the file: its type, and when a member that holds it is left out. Reading brings the value into its
 * canonical form, so that equal configurations have equal texts; null counts as absent.
 */
export interface Shape<T> {
  /** @throws {@link SpecError} naming the path, when the value is of another type. */
  read(value: unknown, path: string): T | undefined;
  /** A member that is empty is left out, unless the format says {@link always}. */
  isEmpty(value: T): boolean;
}

/** The shape of a member that is always written. */
export interface RequiredShape<T> extends Shape<T> {
  /** What stands there when nothing was given. */
  readonly fallback: T;
}

export type ValueOf<S> = S extends Shape<infer T> ? T : never;

export function text(): Shape<string> {
  return primitive('a string', (value) => (typeof value === 'string' ? value : undefined), '');
}

export function integer(): Shape<number> {
  return primitive('an integer', (value) => (Number.isInteger(value) ? Number(value) : undefined), 0);
}

/** Left out when false. */
export function flag(): Shape<boolean> {
  return primitive('a boolean', (value) => (typeof value === 'boolean' ? value : undefined), false);
}

/** Written when it is false, too, since absent means something else. */
export function choice(): Shape<boolean> {
  return { ...flag(), isEmpty: () => false };
}

/** A span of time as Go writes it: `60s` becomes `1m0s`. None at all is left out. */
export function duration(): Shape<string> {
  return primitive('a duration like 30s or 1m30s', canonicalDuration, '0s');
}

/** JSON that is the user's own; an empty object is left out. */
export function freeForm(): Shape<unknown> {
  return {
    read: (value) => (isAbsent(value) ? undefined : sortedKeys(value)),
    isEmpty: (value) => isRecord(value) && Object.keys(value).length === 0,
  };
}

/** Any JSON but null. */
export function anything(): Shape<unknown> {
  return { ...freeForm(), isEmpty: () => false };
}

export function list<T>(item: Shape<T>): Shape<readonly T[]> {
  return {
    read: (value, path) => {
      if (isAbsent(value)) return undefined;
      if (!Array.isArray(value)) throw mistyped(path, 'a list', value);
      return value.flatMap((member, index) => {
        const read = item.read(member, `${path}[${index}]`);
        return read === undefined ? [] : [read];
      });
    },
    isEmpty: (value) => value.length === 0,
  };
}

/** Members by names that are the user's own, in the order of the names. */
export function map<T>(member: Shape<T>): Shape<Readonly<Record<string, T>>> {
  return {
    read: (value, path) => {
      if (isAbsent(value)) return undefined;
      if (!isRecord(value)) throw mistyped(path, 'an object', value);
      const entries = Object.entries(value).sort(([a], [b]) => byBytes(a, b));
      return Object.fromEntries(
        entries.flatMap(([key, item]) => {
          const read = member.read(item, `${path}.${key}`);
          return read === undefined ? [] : [[key, read] as const];
        }),
      );
    },
    isEmpty: (value) => Object.keys(value).length === 0,
  };
}

type Fields = Readonly<Record<string, Shape<unknown>>>;
type RequiredKeys<F extends Fields> = { [K in keyof F]: F[K] extends RequiredShape<unknown> ? K : never }[keyof F];

/** What an object of such fields is. */
export type ObjectOf<F extends Fields> = { readonly [K in RequiredKeys<F>]: ValueOf<F[K]> } & {
  readonly [K in Exclude<keyof F, RequiredKeys<F>>]?: ValueOf<F[K]>;
};

/** An object with members in this order. Others are dropped: the process that reads the file refuses what it does not know. */
export function object<F extends Fields>(fields: F): Shape<ObjectOf<F>> {
  return {
    read: (value, path) => {
      if (isAbsent(value)) return undefined;
      if (!isRecord(value)) throw mistyped(path, 'an object', value);
      const written = Object.entries(fields).flatMap(([key, shape]) => {
        const member = shape.read(value[key], `${path}.${key}`);
        if (member !== undefined && !shape.isEmpty(member)) return [[key, member] as const];
        return 'fallback' in shape ? [[key, member ?? shape.fallback] as const] : [];
      });
      // The members were read by the shapes that the type is made of.
      return Object.fromEntries(written) as ObjectOf<F>;
    },
    isEmpty: () => false,
  };
}

/** A member that is always written, empty or not. */
export function always<T>(shape: Shape<T>, fallback: T): RequiredShape<T> {
  return { ...shape, fallback };
}

/** A shape that contains itself. */
export function deferred<T>(shape: () => Shape<T>): Shape<T> {
  return { read: (value, path) => shape().read(value, path), isEmpty: (value) => shape().isEmpty(value) };
}

function primitive<T>(kind: string, read: (value: unknown) => T | undefined, empty: T): Shape<T> {
  return {
    read: (value, path) => {
      if (isAbsent(value)) return undefined;
      const member = read(value);
      if (member === undefined) throw mistyped(path, kind, value);
      return member;
    },
    isEmpty: (value) => value === empty,
  };
}

function canonicalDuration(value: unknown): string | undefined {
  if (value === '') return '0s';
  const nanoseconds = typeof value === 'string' ? parseGoDuration(value) : undefined;
  return nanoseconds === undefined ? undefined : formatGoDuration(nanoseconds);
}

function mistyped(path: string, expected: string, value: unknown): SpecError {
  const shown = typeof value === 'object' ? (Array.isArray(value) ? 'a list' : 'an object') : JSON.stringify(value);
  return new SpecError(`${path} must be ${expected}, got ${shown}`);
}

const isAbsent = (value: unknown): value is null | undefined => value === null || value === undefined;

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

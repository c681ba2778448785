import { customResourceDefinition, type Kind, type StructuralSchema } from '@trueup/core';
import fc from 'fast-check';

/** A spec as some API server may have stored it. */
export type RandomSpec = Readonly<Record<string, unknown>>;

export interface RandomSpecsOptions {
  /** Specs that are good, to be broken in a place or two. Without any, everything comes from the schema. */
  readonly examples?: readonly object[];
}

/**
 * Specs for a kind, made from its schema: many are valid, many nearly so, and some have values of another type than any
 * schema would let in. Each is what an API server may hold, since a rule can be younger than an object.
 *
 * @example
 * ```ts
 * fc.assert(fc.property(randomSpecs(Greeting), (spec) => isVerdict(judge(spec))), { numRuns: runs() });
 * ```
 */
export function randomSpecs(kind: Kind, { examples = [] }: RandomSpecsOptions = {}): fc.Arbitrary<RandomSpec> {
  const [version] = customResourceDefinition(kind).spec.versions;
  const schema = version?.schema.openAPIV3Schema.properties?.['spec'] ?? {};
  const fromSchema = valueOf(schema);
  const origins = examples.length === 0 ? fromSchema : fc.oneof(fromSchema, fc.constantFrom<unknown>(...examples));
  return fc
    .tuple(origins, fc.array(mutation, { maxLength: 2 }))
    .map(([origin, mutations]) => asSpec(mutations.reduce(mutated, asSpec(origin))));
}

/** How many random cases a property is tried with: the variable `FC_RUNS`, or else this number. */
export function runs(otherwise = 300): number {
  return Number(process.env['FC_RUNS'] ?? otherwise);
}

/**
 * Where a random property starts: the variable `FC_SEED`. Without it the same every time, and a new one where many cases are
 * asked for by `FC_RUNS`: what is tried often should not be the same again.
 */
export function seed(): number {
  const { FC_SEED, FC_RUNS } = process.env;
  if (FC_SEED !== undefined) return Number(FC_SEED);
  return FC_RUNS === undefined ? 1 : Date.now();
}

/** Texts that code which reads, splits, parses or interpolates them may trip over. */
const text = fc.constantFrom(
  ...['', ' ', 'a', 'a-name', 'Not A Name', 'a'.repeat(300), '-1', '0', '1', '0.5', '1e400', 'true', 'null'],
  ...['https://example.com', 'http://example.com/path?q=1#f', 'http://[::1', '//', 'http://10.0.0.1', 'ftp://x'],
  ...['10s', '1h30m', '-5s', '1.5.5s', '9999999999h', '[a', '(', '^a*$', '\\', '%s', '%', '{{ .x }}', '{{', '${a}'],
  ...['__proto__', 'constructor', 'permit(principal, action, resource);', 'permit(', 'schöne Grüße', '\ud800', '\n'],
  ...['127.0.0.1:6379', 'a=b,c', '/etc/passwd', '../..', 'sha256:0', '100Mi', '500m', 'c2VjcmV0'],
);

/** Values of any type, for places where the schema says otherwise. */
const anything: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(null, true, false, 0, -1, 1.5, 2 ** 53, [], {}, [null], [{}], { name: 'a' }, { name: null }),
  text,
);

function valueOf(schema: StructuralSchema): fc.Arbitrary<unknown> {
  if (schema.enum !== undefined) return fc.constantFrom<unknown>(...schema.enum);
  if (schema['x-kubernetes-int-or-string'] === true) return fc.oneof(numberOf(schema), text);
  switch (schema.type) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'string':
      return stringOf(schema);
    case 'array':
      return fc.array(schema.items === undefined ? anything : valueOf(schema.items), { maxLength: 3 });
    case 'object':
      return objectOf(schema);
    case undefined:
      return anything;
  }
}

function numberOf({ minimum, maximum }: StructuralSchema): fc.Arbitrary<number> {
  const bounds = [minimum, maximum].flatMap((bound) => (bound === undefined ? [] : [bound - 1, bound, bound + 1]));
  return fc.constantFrom(0, 1, 2, -1, 8080, 70_000, ...bounds);
}

function stringOf({ minLength = 0, maxLength }: StructuralSchema): fc.Arbitrary<string> {
  return maxLength === undefined ? text : text.map((value) => value.padEnd(minLength, 'x').slice(0, maxLength));
}

function objectOf({ properties, required = [], additionalProperties }: StructuralSchema): fc.Arbitrary<unknown> {
  if (properties === undefined) {
    return fc.dictionary(text, additionalProperties === undefined ? anything : valueOf(additionalProperties), {
      maxKeys: 2,
    });
  }
  const names = Object.keys(properties);
  const optional = names.filter((name) => !required.includes(name));
  // Two or three optional fields at once: with all of them hardly any spec would be valid.
  const present = fc.subarray(optional, { maxLength: Math.min(3, optional.length) });
  const values = new Map(Object.entries(properties).map(([name, schema]) => [name, valueOf(schema)]));
  return present.chain((chosen) =>
    fc.record(
      Object.fromEntries(
        names
          .filter((name) => required.includes(name) || chosen.includes(name))
          .map((name) => [name, values.get(name) ?? anything]),
      ),
    ),
  );
}

/** One thing done to a spec: at which of its places, and what. */
interface Mutation {
  readonly place: number;
  readonly change: { readonly to: unknown } | 'remove' | 'repeat';
}

const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat({ max: 10_000 }),
  change: fc.oneof(fc.constantFrom('remove' as const, 'repeat' as const), fc.record({ to: anything })),
});

function mutated(spec: unknown, { place, change }: Mutation): unknown {
  const places = countPlaces(spec);
  return places === 0 ? spec : changedAt(spec, place % places, change);
}

/** How many members, however deep, a value has. */
function countPlaces(value: unknown): number {
  return membersOf(value).reduce((count, [, member]) => count + 1 + countPlaces(member), 0);
}

/** The value with its nth member, depth first, changed. */
function changedAt(value: unknown, nth: number, change: Mutation['change']): unknown {
  let before = 0;
  const members = membersOf(value).flatMap(([key, member]): [string, unknown][] => {
    const within = nth - before;
    const size = 1 + countPlaces(member);
    before += size;
    if (within < 0 || within >= size) return [[key, member]];
    if (within > 0) return [[key, changedAt(member, within - 1, change)]];
    if (change === 'remove') return [];
    return change === 'repeat'
      ? [
          [key, member],
          [`${key}2`, member],
        ]
      : [[key, change.to]];
  });
  return Array.isArray(value) ? members.map(([, member]) => member) : Object.fromEntries(members);
}

function membersOf(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

/** The API server stores an object as a spec, or none. */
function asSpec(value: unknown): RandomSpec {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

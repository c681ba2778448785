import fc from 'fast-check';

/** Names that JavaScript, a patch format or a parser gives a meaning, or that nobody expects. */
const NAMES = [
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', 'length', '__defineGetter__'],
  ...['apiVersion', 'kind', 'metadata', 'spec', 'status', 'name', 'namespace', 'labels', 'managedFields', 'data'],
  ...['$patch', '$retainKeys', '$setElementOrder/containers', '$deleteFromPrimitiveList/finalizers', '$ref', '<<'],
  ...[
    '',
    ' ',
    '.',
    '..',
    '0',
    '-1',
    '1e400',
    '/',
    '~1',
    '~',
    '\u0000',
    '\n',
    '\r\n',
    '名前',
    '\ud800',
    'x'.repeat(300),
  ],
  ...[
    'containers',
    'finalizers',
    'ownerReferences',
    'selector',
    'f:spec',
    'k:{"name":"a"}',
    'v:"a"',
    'i:0',
    'k:',
    'v:1e999',
  ],
];

const TEXTS = [
  ...NAMES,
  ...[
    'a',
    'a=b',
    'a in (b,c)',
    'a notin (',
    '!a',
    'a>1',
    '((((',
    '[a',
    '(a+)+$',
    '\\',
    '%s',
    '%00',
    '%ff',
    '%2e%2e%2f',
  ],
  ...[
    '1',
    '1.5',
    '-0',
    '99999999999999999999',
    'true',
    'null',
    'NaN',
    '1h',
    '100Mi',
    '127.0.0.1',
    '2020-13-45T99:99:99Z',
  ],
  ...[
    'v1',
    'apps/v1',
    'a/b/c',
    'merge',
    'delete',
    'replace',
    'system:masters',
    'c2VjcmV0',
    '{"a":',
    '[[',
    'MQ==',
    '://',
  ],
];

export const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...NAMES) }, fc.string({ unit: 'binary' }));
export const text = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...TEXTS) },
  fc.string({ unit: 'binary' }),
  fc.string(),
);

const NUMBERS = [0, -1, 1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 63), 1e308];
const scalar = fc.oneof(text, fc.constantFrom<unknown>(null, true, false, ...NUMBERS));

/** Any JSON value, as JSON.parse makes it: `__proto__` is a key of its own. */
export const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie('value')), { maxLength: 5 }).map(objectOf),
  ),
})).value;

export const jsonObject = fc.array(fc.tuple(name, json), { maxLength: 6 }).map(objectOf);

function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries);
}

/** Where in a document something else may stand: the way to it, as choices among keys. */
interface Damage {
  readonly path: readonly number[];
  readonly value: unknown;
  /** Stands beside what is there, under this name; undefined: in its place. */
  readonly under: string | undefined;
}

const damage: fc.Arbitrary<Damage> = fc.record({
  path: fc.array(fc.nat(30), { maxLength: 8 }),
  value: json,
  under: fc.option(name, { nil: undefined }),
});

/** A good document with a few places that hold something else, so that what reads it gets far. */
export function damaged<T extends object>(...documents: readonly T[]): fc.Arbitrary<T> {
  return fc
    .tuple(fc.constantFrom(...documents), fc.array(damage, { minLength: 1, maxLength: 3 }))
    .map(([document, damages]) => damages.reduce(damageAt, structuredClone(document)));
}

function damageAt<T extends object>(document: T, { path, value, under }: Damage): T {
  let here: object = document;
  for (const [depth, choice] of path.entries()) {
    const keys = Object.keys(here);
    const key = keys[choice % Math.max(1, keys.length)];
    if (key === undefined) break;
    const next: unknown = Reflect.get(here, key);
    if (depth < path.length - 1 && typeof next === 'object' && next !== null) {
      here = next;
      continue;
    }
    set(here, under ?? key, value);
    break;
  }
  return document;
}

function set(object: object, key: string, value: unknown): void {
  if (Array.isArray(object)) object.push(value);
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** Text of a grammar: its own words in any order, with other text between. */
export function wordsOf(...words: readonly string[]): fc.Arbitrary<string> {
  const word = fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...words) }, text);
  return fc.array(word, { maxLength: 12 }).map((parts) => parts.join(''));
}

/** Bytes, often those of a good message with some of them changed, left out or doubled. */
export function bytesNear(...messages: readonly Buffer[]): fc.Arbitrary<Buffer> {
  const change = fc.record({ at: fc.nat(4096), bytes: fc.uint8Array({ maxLength: 3 }), removed: fc.nat(3) });
  const changed = fc.tuple(fc.constantFrom(...messages), fc.array(change, { maxLength: 4 })).map(([message, changes]) =>
    changes.reduce((bytes, { at, bytes: added, removed }) => {
      const place = at % (bytes.length + 1);
      return Buffer.concat([bytes.subarray(0, place), added, bytes.subarray(place + removed)]);
    }, message),
  );
  return fc.oneof(
    { weight: 4, arbitrary: changed },
    fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
  );
}

/** What every object inherits; input that changes it changes every object of the process. */
export function sharedPrototypes(): string {
  return [Object, Array, Function, String, Number, Boolean, Map]
    .flatMap((type) => [type, type.prototype as object])
    .map((object) => Reflect.ownKeys(object).map(String).join(' '))
    .join('\n');
}

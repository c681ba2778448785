import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { OpenTelemetry } from './resource.js';
import { specProblem } from './spec-problem.js';

type Spec = Parameters<typeof specProblem>[0];

const DEFAULTS = { enabled: false, insecure: false, useLegacyAttributes: true };
const tracing = { enabled: true, samplingRate: '0.05' };
const secretKeyRef = { name: 'otel-key', key: 'key' };

const otel = (change: Partial<OpenTelemetry> = {}): Spec => ({ openTelemetry: { ...DEFAULTS, ...change } });
const exporting = (change: Partial<OpenTelemetry> = {}) =>
  otel({ enabled: true, endpoint: 'https://otel:4318', tracing, ...change });
const sensitive = (...names: readonly string[]) =>
  exporting({ sensitiveHeaders: names.map((name) => ({ name, secretKeyRef })) });
const bundle = (name: string) => exporting({ caBundleRef: { configMapRef: { name, key: 'ca.crt' } } });

describe('a spec with nothing wrong', () => {
  it.each<[string, Spec]>([
    ['empty', {}],
    ['switched off', otel()],
    ['without any default', { openTelemetry: { tracing: {}, metrics: {} }, prometheus: {} }],
    ['switched off, with a signal and no endpoint yet', otel({ metrics: { enabled: true } })],
    ['switched on without signals', otel({ enabled: true })],
    ['Prometheus alone', { prometheus: { enabled: true } }],
    ['traces', exporting()],
    ['metrics', otel({ enabled: true, endpoint: 'otel:4318', metrics: { enabled: true } })],
    ['headers of both sorts', exporting({ headers: { 'x-tenant': 'a' }, ...sensitive('X-Api-Key').openTelemetry })],
    ['a CA bundle with a name of 48 characters', bundle('y'.repeat(48))],
    ['no TLS', exporting({ insecure: true })],
  ])('is %s', (_, spec) => {
    expect(specProblem(spec)).toBeUndefined();
  });
});

const NO_SIGNAL = 'endpoint requires at least one of tracing or metrics to be enabled';
const BOTH_OFF = { tracing: { ...tracing, enabled: false }, metrics: { enabled: false } };
const CA = 'openTelemetry.caBundleRef.configMapRef';

/** What is wrong, by the number of the check in the spec of the kind. */
const PROBLEMS: readonly (readonly [string, Spec, string])[] = [
  ['3.1', otel({ enabled: true, endpoint: 'otel:4318' }), NO_SIGNAL],
  ['3.1', otel({ enabled: true, endpoint: 'otel:4318', ...BOTH_OFF }), NO_SIGNAL],
  ['3.1 switched off', otel({ endpoint: 'otel:4318' }), NO_SIGNAL],
  [
    '3 no endpoint',
    otel({ enabled: true, tracing }),
    'endpoint is required when openTelemetry is enabled and tracing or metrics is enabled',
  ],
  [
    '3 no endpoint',
    otel({ enabled: true, endpoint: '', metrics: { enabled: true } }),
    'endpoint is required when openTelemetry is enabled and tracing or metrics is enabled',
  ],
  ['3.1 before 3.2', otel({ ...sensitive('').openTelemetry, tracing: BOTH_OFF.tracing }), NO_SIGNAL],
  ['3.2 name', sensitive('a', ''), 'openTelemetry.sensitiveHeaders[1].name must not be empty'],
  [
    '3.2 Secret',
    exporting({ sensitiveHeaders: [{ name: 'a', secretKeyRef: { name: '', key: '' } }] }),
    'openTelemetry.sensitiveHeaders[0].secretKeyRef.name must not be empty',
  ],
  [
    '3.2 key',
    exporting({ sensitiveHeaders: [{ name: 'a', secretKeyRef: { name: 's', key: '' } }] }),
    'openTelemetry.sensitiveHeaders[0].secretKeyRef.key must not be empty',
  ],
  [
    '3.2 both',
    exporting({ headers: { 'X-Api-Key': 'z' }, sensitiveHeaders: [{ name: 'X-Api-Key', secretKeyRef }] }),
    'header "X-Api-Key" appears in both headers and sensitiveHeaders',
  ],
  [
    '3 both, in another case',
    exporting({ headers: { 'x-api-key': 'z' }, sensitiveHeaders: [{ name: 'X-Api-Key', secretKeyRef }] }),
    'header "X-Api-Key" appears in both headers and sensitiveHeaders',
  ],
  [
    '3.2 header by header',
    exporting({
      headers: { b: 'z' },
      sensitiveHeaders: [
        { name: 'b', secretKeyRef },
        { name: '', secretKeyRef },
      ],
    }),
    'header "b" appears in both headers and sensitiveHeaders',
  ],
  ['3 token', sensitive('x key'), 'openTelemetry.sensitiveHeaders[0].name "x key" is not a valid HTTP header name'],
  ['3 token', exporting({ headers: { 'x:': 'a' } }), 'openTelemetry.headers: "x:" is not a valid HTTP header name'],
  ['3 token', exporting({ headers: { '': 'a' } }), 'openTelemetry.headers: "" is not a valid HTTP header name'],
  [
    '3 variables',
    sensitive('a-b', 'c', 'a_b'),
    'openTelemetry.sensitiveHeaders[2].name "a_b" and "a-b" map to the same environment variable',
  ],
  [
    '3 variables',
    sensitive('x-key', 'X-Key'),
    'openTelemetry.sensitiveHeaders[1].name "X-Key" and "x-key" map to the same environment variable',
  ],
  [
    '3 case',
    exporting({ headers: { 'x-a': '1', 'X-A': '2' } }),
    'openTelemetry.headers: "X-A" and "x-a" are the same header',
  ],
  [
    '3.3 insecure',
    exporting({ insecure: true, caBundleRef: {} }),
    'openTelemetry.caBundleRef cannot be specified when insecure is true; they are mutually exclusive',
  ],
  ['3.3 source', exporting({ caBundleRef: {} }), `${CA} must be specified`],
  ['3.3 name', bundle(''), `${CA}.name must not be empty`],
  ['3.3 no name', exporting({ caBundleRef: { configMapRef: { key: 'k' } } }), `${CA}.name must not be empty`],
  ['3.3 length', bundle('y'.repeat(49)), `${CA}.name "${'y'.repeat(49)}" is too long (49 chars); maximum is 48`],
  ['3.3 dots', bundle('corp.ca'), `${CA}.name "corp.ca" cannot be used in a volume name`],
  [
    '3.2 before 3.3',
    exporting({ ...sensitive('').openTelemetry, caBundleRef: {} }),
    'openTelemetry.sensitiveHeaders[0].name must not be empty',
  ],
];

describe('specProblem', () => {
  it.each(PROBLEMS)('says what is wrong: %s, %j', (_, spec, problem) => {
    expect(specProblem(spec)).toBe(problem);
  });

  it.each<[string, unknown, string]>([
    [
      'a sampling rate over 1',
      exporting({ tracing: { enabled: true, samplingRate: '1.5' } }),
      'spec.openTelemetry.tracing.samplingRate: ',
    ],
    [
      'a sensitive header without a Secret',
      { openTelemetry: { sensitiveHeaders: [{ name: 'a' }] } },
      'spec.openTelemetry.sensitiveHeaders[0].secretKeyRef: ',
    ],
    ['a switch that is a text', { openTelemetry: { enabled: 'yes' } }, 'spec.openTelemetry.enabled: '],
  ])('names the field where a stored object has %s', (_, spec, start) => {
    expect(specProblem(spec as Spec)?.slice(0, start.length)).toBe(start);
  });
});

const headerName = fc.stringMatching(/^[A-Za-z0-9!#_.-]{1,6}$/);
const text = fc.string({ minLength: 1 });
const variable = (name: string) => name.replaceAll('-', '_').toUpperCase();

/** Specs the schema permits and nothing is wrong with. */
const validSpec: fc.Arbitrary<Spec> = fc
  .record({
    names: fc.uniqueArray(headerName, { selector: variable, maxLength: 6 }),
    split: fc.nat(6),
    enabled: fc.boolean(),
    traces: fc.boolean(),
    counts: fc.boolean(),
    endpoint: text,
    rate: fc.constantFrom('0', '0.05', '0.10', '1', '1.000'),
    secret: fc.record({ name: text, key: text }),
    bundle: fc.option(fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,46}[a-z0-9])?$/), { nil: undefined }),
    attributes: fc.dictionary(fc.string(), fc.string()),
    prometheus: fc.boolean(),
  })
  .map((parts) => ({
    openTelemetry: {
      ...DEFAULTS,
      enabled: parts.enabled,
      ...((parts.traces || parts.counts) && { endpoint: parts.endpoint }),
      headers: Object.fromEntries(parts.names.slice(0, parts.split).map((name) => [name, 'value'])),
      sensitiveHeaders: parts.names.slice(parts.split).map((name) => ({ name, secretKeyRef: parts.secret })),
      resourceAttributes: parts.attributes,
      tracing: { enabled: parts.traces, samplingRate: parts.rate },
      metrics: { enabled: parts.counts },
      ...(parts.bundle !== undefined && { caBundleRef: { configMapRef: { name: parts.bundle, key: '' } } }),
    },
    prometheus: { enabled: parts.prometheus },
  }));

describe('for any spec, specProblem', () => {
  it('has nothing against one that keeps every rule', () => {
    fc.assert(
      fc.property(validSpec, (spec) => {
        expect(specProblem(spec)).toBeUndefined();
      }),
    );
  });

  it('never throws and accepts no spec that breaks a rule, whatever is put in place of its fields', () => {
    const replacement = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, '', true, false, 'a b', 'a.b', '1.5', {}, [], { 'x y': 'z' }),
      fc.jsonValue({ maxDepth: 1 }),
    );
    const change = fc.tuple(fc.nat(30), replacement);
    fc.assert(
      fc.property(validSpec, fc.array(change, { minLength: 1, maxLength: 3 }), (spec, changes) => {
        const damaged = changes.reduce<unknown>((value, [n, other]) => replaced(value, n, other), spec) as Spec;
        const problem = specProblem(damaged);
        expect(problem === undefined || problem.length > 0).toBe(true);
        expect(problem === undefined && !keepsEveryRule(damaged)).toBe(false);
      }),
      { numRuns: 200 },
    );
  });
});

/** The rules once more: the oracle of the property above. */
function keepsEveryRule({ openTelemetry: otel }: Spec): boolean {
  if (otel === undefined) return true;
  const { headers = {}, sensitiveHeaders = [], caBundleRef } = otel;
  const signals = Boolean(otel.tracing?.enabled) || Boolean(otel.metrics?.enabled);
  const names = [...Object.keys(headers), ...sensitiveHeaders.map(({ name }) => name)];
  const distinct = (values: readonly string[]) => new Set(values).size === values.length;
  return (
    (signals || !otel.endpoint) &&
    (Boolean(otel.endpoint) || !(otel.enabled && signals)) &&
    names.every((name) => /^[^\s:;,()<>@"/[\]?={}\\]+$/.test(name)) &&
    distinct(names.map((name) => name.toLowerCase())) &&
    distinct(sensitiveHeaders.map(({ name }) => variable(name))) &&
    sensitiveHeaders.every(({ secretKeyRef: ref }) => ref.name !== '' && ref.key !== '') &&
    (caBundleRef === undefined || (!otel.insecure && /^[a-z0-9-]{1,48}$/.test(caBundleRef.configMapRef?.name ?? '')))
  );
}

/** The value with another in place of its n-th field or item, counted through all levels. */
function replaced(value: unknown, n: number, other: unknown): unknown {
  let left = n;
  const copy = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    const entries = Object.entries(node).map(([key, member]) => [key, left-- === 0 ? other : copy(member)] as const);
    return Array.isArray(node) ? entries.map(([, item]) => item) : Object.fromEntries(entries);
  };
  return copy(value);
}

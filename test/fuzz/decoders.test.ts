import { describe, expect, it } from '@jest/globals';
import { runs } from '@trueup/testing/random-specs';
import fc from 'fast-check';
import { applyPatch } from '../../packages/control-plane/src/apply/apply.js';
import { FieldSet, FieldSetError } from '../../packages/control-plane/src/apply/field-set.js';
import { trackUpdate } from '../../packages/control-plane/src/apply/managed-fields.js';
import { PathElementError } from '../../packages/control-plane/src/apply/path-element.js';
import { builtinResources } from '../../packages/control-plane/src/builtins/builtin-resources.js';
import { decodeError } from '../../packages/control-plane/src/builtins/go-codec.js';
import { CelCompileError, CelConstantError, CelError } from '../../packages/control-plane/src/cel/cel-error.js';
import { Budget } from '../../packages/control-plane/src/cel/cost.js';
import { celEngine } from '../../packages/control-plane/src/cel/engine.js';
import { DYN } from '../../packages/control-plane/src/cel/types.js';
import { dynamicValue } from '../../packages/control-plane/src/cel/dynamic-value.js';
import { validateCustomResourceDefinition } from '../../packages/control-plane/src/crd-validation/validate-crd.js';
import { compileJsonPath, JsonPathError } from '../../packages/control-plane/src/crd/json-path.js';
import { parseFault } from '../../packages/control-plane/src/faults/parse-fault.js';
import { negotiate, wantsAggregatedDiscovery } from '../../packages/control-plane/src/http/negotiation.js';
import { decodeMessage, openEnvelope, ProtobufError } from '../../packages/control-plane/src/http/protobuf.js';
import {
  parseDeleteOptions,
  parseListOptions,
  parseWriteOptions,
} from '../../packages/control-plane/src/http/query-options.js';
import { parseRoute } from '../../packages/control-plane/src/http/route.js';
import { copyJson, equalJson } from '../../packages/control-plane/src/json.js';
import { isJsonObject } from '../../packages/control-plane/src/object.js';
import { applyJsonPatch } from '../../packages/control-plane/src/patch/json-patch.js';
import { applyMergePatch } from '../../packages/control-plane/src/patch/merge-patch.js';
import { applyStrategicMergePatch } from '../../packages/control-plane/src/patch/strategic-merge-patch.js';
import { parseQuantity, QuantityError } from '../../packages/control-plane/src/quantity.js';
import { duplicateKeys } from '../../packages/control-plane/src/resources/duplicate-keys.js';
import { parseFieldSelector } from '../../packages/control-plane/src/resources/field-selector.js';
import { parseLabelSelector } from '../../packages/control-plane/src/resources/label-selector.js';
import { BodySyntaxError, parseBody } from '../../packages/control-plane/src/resources/parse-body.js';
import { matchesPattern, PatternError } from '../../packages/control-plane/src/schema/pattern.js';
import { StatusError } from '../../packages/control-plane/src/status-error.js';
import { ContinueTokenError, decodeContinueToken } from '../../packages/control-plane/src/storage/continue-token.js';
import { definition, fieldsV1, jsonPatch, livePod, pod, strategicPatch } from './good-documents.js';
import { bytesNear, damaged, json, jsonObject, sharedPrototypes, text, wordsOf } from './hostile-input.js';

/** In the default run of all tests: `npm run fuzz` tries a hundred thousand. */
const RUNS = runs(100);
const TIMEOUT_MS = 30_000 + 10 * RUNS;

interface Attempt {
  readonly input: unknown;
  decode(): unknown;
}

/** A decoder with what it is given, and the errors with which it may refuse it. Any other is the server's failure. */
interface Decoder {
  readonly name: string;
  readonly attempts: fc.Arbitrary<Attempt>;
  readonly refusals: readonly Refusal[];
}

type Refusal = abstract new (...args: never[]) => Error;

function decoder<T>(
  name: string,
  inputs: fc.Arbitrary<T>,
  decode: (input: T) => unknown,
  ...refusals: readonly Refusal[]
): Decoder {
  return { name, attempts: inputs.map((input) => ({ input, decode: () => decode(input) })), refusals };
}

function resourceOf(plural: string) {
  const resource = builtinResources.find((candidate) => candidate.plural === plural);
  if (resource === undefined) throw new Error(`${plural} are not built in`);
  return resource;
}

const PODS = resourceOf('pods');
const DEPLOYMENTS = resourceOf('deployments');

const DEFINITIONS = resourceOf('customresourcedefinitions');

const jsonText = fc.oneof(
  json.map((value) => JSON.stringify(value)),
  fc.tuple(json, fc.nat(), text).map(([value, at, inserted]) => {
    const whole = JSON.stringify(value);
    return whole.slice(0, at % (whole.length + 1)) + inserted + whole.slice(at % (whole.length + 1));
  }),
  wordsOf(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"a"',
    '"__proto__"',
    '"',
    '\\',
    '\\u00',
    'null',
    '1',
    '-',
    '1e',
    ' ',
    '\ufeff',
  ),
);

const yamlText = fc.oneof(
  jsonText,
  wordsOf(
    ...['a: ', '- ', '\n', '  ', '? ', ': ', '&a ', '*a', '<<: ', '!!binary ', '!!set ', '!!omap ', '!!timestamp '],
    ...['!!float ', '!!int ', '!x ', '---\n', '...\n', '%YAML 1.2\n', '|\n', '>-\n', '# c\n', '{', '}', '[', ']', ','],
    ...['0x1f', '0o17', '1_000', '.nan', '-.inf', '2020-01-01', '1:30', '~', 'yes', '"', "'", '\t', '__proto__: '],
  ),
);

const query = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        ...['watch', 'limit', 'continue', 'labelSelector', 'fieldSelector', 'resourceVersion', 'timeoutSeconds'],
        ...['resourceVersionMatch', 'sendInitialEvents', 'allowWatchBookmarks', 'dryRun', 'force', 'fieldManager'],
        ...['fieldValidation', 'propagationPolicy', 'gracePeriodSeconds', 'orphanDependents', '__proto__'],
      ),
      text,
    ),
    { maxLength: 6 },
  )
  .map((entries) => new URLSearchParams(entries));

const celText = wordsOf(
  ...['self', '.', '.a', '[0]', '[', ']', '(', ')', '{', '}', ',', ':', ' ? ', ' : ', ' && ', ' || ', '!', '-', ' + '],
  ...[' == ', ' in ', ' / ', ' % ', '0', '1', '9223372036854775807', '1u', '1.5', '"a"', "b'a'", 'true', 'null'],
  ...[
    '.all(x, ',
    '.map(x, ',
    '.filter(x, x',
    '.exists_one(x, ',
    'has(',
    'size(',
    '.matches("(a+)+$")',
    '.format([',
    ')',
  ],
  ...['"%.999f"', '"%s %d %x"', '.replace("", "aa")', '.split("")', '.join(",")', '.substring(1)', 'duration("1h")'],
  ...[
    'timestamp("2020-01-01T00:00:00Z")',
    'quantity("1e999999999")',
    'ip("::1")',
    'url("http://a")',
    'semver("1.2.3")',
  ],
  ...['dyn(', 'type(', 'int(', 'string(', 'optional.of(', '.orValue(', '.?a', 'format.dns1123Label()', '.value()', 'x'],
  ...['sets.contains(', 'cel.bind(x, ', '.sum()', '.min()', '.indexOf("a", 5)', '.charAt(9)', '.findAll("a", -1)'],
);

const tables: readonly Decoder[] = [
  decoder(
    'JSON bodies',
    jsonText,
    (body) => {
      const value = parseBody({ text: body, yaml: false });
      duplicateKeys(body);
      return value;
    },
    BodySyntaxError,
  ),
  decoder(
    'YAML bodies',
    yamlText,
    (body) => {
      const value = parseBody({ text: body, yaml: true });
      // Nothing behind this knows dates, sets or numbers that JSON does not have.
      expect(equalJson(JSON.parse(JSON.stringify(value)), value)).toBe(true);
    },
    BodySyntaxError,
  ),
  decoder(
    'protobuf bodies',
    fc.tuple(
      fc.constantFrom('core.v1.Pod', 'apps.v1.Deployment', 'core.v1.Secret'),
      bytesNear(
        Buffer.from('6b3873000a0f0a02763112094e616d657370616365120e0a0c0a0a70726f746f2d636f6e661a002200', 'hex'),
        Buffer.from('6b387300120b0a090a01611a0161420208781208', 'hex'),
      ),
    ),
    ([kind, bytes]) => decodeMessage(`io.k8s.api.${kind}`, openEnvelope(bytes).message),
    ProtobufError,
    RangeError,
  ),
  decoder(
    'JSON patches',
    fc.oneof(damaged(jsonPatch), json),
    (patch) => JSON.stringify(applyJsonPatch(pod, patch)),
    StatusError,
  ),
  decoder('merge patches', fc.oneof(damaged(pod), json), (patch) => applyMergePatch(pod, patch), StatusError),
  decoder(
    'strategic merge patches',
    fc.oneof(damaged(strategicPatch), damaged<object>(pod), json),
    (patch) => applyStrategicMergePatch(pod, patch, PODS.schema),
    StatusError,
  ),
  decoder(
    'apply patches',
    fc.tuple(damaged(pod), damaged(livePod), fc.boolean()),
    ([patch, live, force]) => {
      // What is stored has been decoded: its types are those of its kind.
      const stored = decodeError(PODS.schema, live) === undefined ? live : livePod;
      const writer = { manager: 'm', apiVersion: 'v1', now: new Date(0), ignoredFields: ['status'] };
      return applyPatch({ ...writer, schema: PODS.schema, kind: 'Pod', custom: false, live: stored, patch, force });
    },
    StatusError,
  ),
  decoder(
    'managed fields of an update',
    damaged(livePod),
    (next) => {
      if (decodeError(PODS.schema, next) !== undefined) return;
      const writer = { manager: 'm', apiVersion: 'v1', now: new Date(0), ignoredFields: [] };
      trackUpdate({ ...writer, schema: PODS.schema, custom: false, live: livePod, next });
    },
    StatusError,
  ),
  decoder(
    'fieldsV1',
    fc.oneof(damaged(fieldsV1), jsonObject),
    (fields) => {
      const set = FieldSet.fromFieldsV1(fields);
      expect(FieldSet.fromFieldsV1(set.toFieldsV1()).equals(set)).toBe(true);
    },
    FieldSetError,
    PathElementError,
  ),
  decoder('objects of built-in kinds', fc.oneof(damaged<object>(pod), jsonObject), (object) => [
    decodeError(PODS.schema, copyJson(object)),
    decodeError(DEPLOYMENTS.schema, copyJson(object)),
  ]),
  decoder('custom resource definitions', damaged(definition), (crd) => {
    // The decoder gives every object metadata, and takes nulls for what is not there.
    if (decodeError(DEFINITIONS.schema, crd) !== undefined || !isJsonObject(crd.metadata)) return;
    const decoded = copyJson(crd);
    DEFINITIONS.strategy.default?.(decoded);
    validateCustomResourceDefinition(decoded);
  }),
  decoder(
    'label selectors',
    fc.oneof(text, wordsOf('a', 'b', '=', '==', '!=', '!', ' in ', ' notin ', '(', ')', ',', '<', '>', '1')),
    (selector) => {
      const matches = parseLabelSelector(selector);
      return [matches({}), matches({ a: 'b', constructor: 'c' })];
    },
    StatusError,
  ),
  decoder(
    'field selectors',
    fc.oneof(text, wordsOf('metadata.name', 'spec.nodeName', '__proto__', '=', '==', '!=', ',', '\\', 'a')),
    (selector) => parseFieldSelector(selector, PODS).matches(pod),
    StatusError,
  ),
  decoder(
    'continue tokens',
    fc.oneof(
      text,
      jsonText.map((token) => Buffer.from(token).toString('base64url')),
    ),
    (token) => decodeContinueToken(token),
    ContinueTokenError,
  ),
  decoder(
    'options in queries',
    query,
    (given) => [parseListOptions(given, false), parseWriteOptions(given, 'PatchOptions')],
    StatusError,
  ),
  decoder('options of watches', query, (given) => parseListOptions(given, true), StatusError),
  decoder(
    'options of deletions',
    fc.tuple(
      query,
      fc.oneof(
        damaged({ kind: 'DeleteOptions', gracePeriodSeconds: 1, preconditions: { uid: 'a' }, dryRun: ['All'] }),
        json,
      ),
    ),
    ([given, body]) => parseDeleteOptions(given, body),
    StatusError,
  ),
  decoder('paths', wordsOf('/', 'api', 'apis', 'v1', 'namespaces', 'watch', 'status', '%2F', '%', '..'), parseRoute),
  decoder(
    'accepted media types',
    wordsOf('application/json', '*/*', ';', 'as=Table', 'g=meta.k8s.io', 'v=v1', 'q=0.5', ',', '=', '__proto__'),
    (accept) => [wantsAggregatedDiscovery(accept), negotiate(accept, { custom: true, watch: false, pretty: false })],
    StatusError,
  ),
  decoder(
    'CEL expressions',
    celText,
    (expression) => {
      const program = celEngine.compile(expression, { self: DYN });
      return program.evaluate([dynamicValue({ a: 'aaaa', b: [1, 2], c: { __proto__: null } })], new Budget(100_000));
    },
    CelCompileError,
    CelConstantError,
    CelError,
  ),
  decoder(
    'patterns',
    wordsOf('a', '(', ')', '*', '+', '?', '{2}', '{1000}', '[', ']', '^', '$', '\\', '\\p{L}', '|', '(?:', '(?P<n>'),
    (pattern) => matchesPattern(pattern, 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab'),
    PatternError,
  ),
  decoder(
    'JSON paths',
    wordsOf('.', '..', '*', '[', ']', '[0]', '[?(@.a=="b")]', '[-1:]', 'spec', 'containers', '{', '}', '"', "'", '\\.'),
    (path) => compileJsonPath(path)(pod),
    JsonPathError,
  ),
  decoder(
    'quantities',
    fc.oneof(text, wordsOf('1', '.', '-', 'e', 'E', '9999999999', 'Ki', 'm', 'k')),
    parseQuantity,
    QuantityError,
  ),
  decoder(
    'faults',
    fc.oneof(damaged({ type: 'status', code: 503, match: { verb: 'get' }, times: 1 }), json),
    parseFault,
    StatusError,
  ),
];

describe.each(tables)('hostile $name', ({ attempts, refusals }) => {
  it(
    'are read or refused, and change nothing that others share',
    () => {
      const before = sharedPrototypes();
      const isHandled = fc.property(attempts, ({ decode }) => {
        try {
          decode();
        } catch (error) {
          if (!refusals.some((refusal) => error instanceof refusal)) throw error;
        }
        return sharedPrototypes() === before;
      });
      fc.assert(isHandled, { numRuns: RUNS });
    },
    TIMEOUT_MS,
  );
});

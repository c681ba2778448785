import { goStruct, type GoStruct, type GoType } from '../builtins/go-types.js';
import type { JsonObject } from '../object.js';

/** `k8s` and a zero byte: what every protobuf body begins with. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0x00]);

const EXTENSIONS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1';
const SCHEMA_UNION = `${EXTENSIONS}.JSONSchemaPropsOr`;

/** Bytes that are no message of the kind they claim to be. */
export class ProtobufError extends Error {
  override readonly name = 'ProtobufError';
}

/** What the envelope of a body says, and the message in it. */
export interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly message: Buffer;
}

/**
 * Opens the envelope that Kubernetes puts around protobuf: a magic prefix and a `runtime.Unknown`.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#protobuf-encoding | Protobuf encoding}
 * @throws {@link ProtobufError}
 */
export function openEnvelope(body: Buffer): Envelope {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC)) {
    throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  const unknown = readFields(body.subarray(MAGIC.length));
  const type = readFields(bytesOf(unknown, 1));
  return {
    apiVersion: bytesOf(type, 1).toString(),
    kind: bytesOf(type, 2).toString(),
    message: bytesOf(unknown, 2),
  };
}

/** The message as the JSON object of a built-in kind. Empty scalars, which Go's encoder writes, are in it. */
export function decodeMessage(definition: string, message: Buffer): JsonObject {
  return decodeStruct(goStruct(definition), readFields(message));
}

type Value = bigint | Buffer;
type Fields = ReadonlyMap<number, readonly Value[]>;

function decodeStruct(struct: GoStruct, fields: Fields): JsonObject {
  const result: JsonObject = {};
  for (const { name, type, path } of struct.fields.values()) {
    const values = valuesAt(fields, path);
    if (values.length > 0) result[name] = decodeValues(type, values);
  }
  return result;
}

/** Fields of embedded structs lie in a message of their own, one level a number. */
function valuesAt(fields: Fields, path: readonly number[]): readonly Value[] {
  const [number, ...rest] = path;
  if (number === undefined) return [];
  const values = fields.get(number) ?? [];
  if (rest.length === 0) return values;
  return values.flatMap((value) => (Buffer.isBuffer(value) ? valuesAt(readFields(value), rest) : []));
}

function decodeValues(type: GoType, values: readonly Value[]): unknown {
  if (type.kind === 'list')
    return values.flatMap((value) => unpack(type.item, value)).map((value) => decodeValue(type.item, value));
  if (type.kind === 'map') {
    return Object.fromEntries(
      values.map((value) => {
        const entry = readFields(expectBytes(value));
        const item = entry.get(2)?.at(-1);
        return [bytesOf(entry, 1).toString(), item === undefined ? emptyOf(type.value) : decodeEntry(type.value, item)];
      }),
    );
  }
  const last = values.at(-1);
  return last === undefined ? undefined : decodeValue(type, last);
}

/** The value of a map's entry; a list is wrapped in a message of its own. */
function decodeEntry(type: GoType, value: Value): unknown {
  return type.kind === 'list'
    ? decodeValues(type, readFields(expectBytes(value)).get(1) ?? [])
    : decodeValue(type, value);
}

function decodeValue(type: GoType, value: Value): unknown {
  switch (type.kind) {
    case 'struct':
      return decodeStruct(type.struct, readFields(expectBytes(value)));
    case 'string':
      return expectBytes(value).toString();
    case 'bytes':
      return expectBytes(value).toString('base64');
    case 'bool':
      return expectInteger(value) !== 0n;
    case 'int32':
    case 'int64':
      return Number(BigInt.asIntN(64, expectInteger(value)));
    case 'double':
      return expectBytes(value).readDoubleLE();
    case 'time':
      return decodeTime(readFields(expectBytes(value)), 0);
    case 'microTime':
      return decodeTime(readFields(expectBytes(value)), 6);
    case 'quantity':
      return bytesOf(readFields(expectBytes(value)), 1).toString();
    case 'intOrString':
      return decodeIntOrString(readFields(expectBytes(value)));
    case 'raw':
      return type.definition?.startsWith(SCHEMA_UNION) === true
        ? decodeSchemaUnion(type.definition.slice(SCHEMA_UNION.length), readFields(expectBytes(value)))
        : decodeRaw(readFields(expectBytes(value)));
    case 'list':
    case 'map':
      return decodeValues(type, [value]);
  }
}

/** The zero time is an empty message: no time at all. */
function decodeTime(fields: Fields, digits: 0 | 6): string | null {
  if (fields.size === 0) return null;
  const seconds = Number(BigInt.asIntN(64, integerOf(fields, 1)));
  const text = new Date(seconds * 1000).toISOString().slice(0, 19);
  if (digits === 0) return `${text}Z`;
  const micros = String(integerOf(fields, 2) / 1000n).padStart(digits, '0');
  return `${text}.${micros}Z`;
}

function decodeIntOrString(fields: Fields): number | string {
  return integerOf(fields, 1) === 0n ? Number(BigInt.asIntN(32, integerOf(fields, 2))) : bytesOf(fields, 3).toString();
}

function decodeRaw(fields: Fields): unknown {
  const text = bytesOf(fields, 1).toString();
  if (text === '') return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ProtobufError('an embedded object is no JSON');
  }
}

/** The fields of CustomResourceDefinitions that hold a schema or something simpler. */
function decodeSchemaUnion(alternative: string, fields: Fields): unknown {
  const schema = (value: Value): JsonObject =>
    decodeStruct(goStruct(`${EXTENSIONS}.JSONSchemaProps`), readFields(expectBytes(value)));
  const [first] = fields.get(alternative === 'Bool' ? 2 : 1) ?? [];
  if (alternative === 'Bool') return first === undefined ? integerOf(fields, 1) !== 0n : schema(first);
  if (first !== undefined) return schema(first);
  const items = fields.get(2) ?? [];
  return alternative === 'Array' ? items.map(schema) : items.map((item) => expectBytes(item).toString());
}

function emptyOf(type: GoType): unknown {
  if (type.kind === 'string' || type.kind === 'bytes') return '';
  return type.kind === 'list' ? [] : {};
}

/** Numbers of a list may come packed into one field. */
function unpack(type: GoType, value: Value): Value[] {
  const isNumber = type.kind === 'int32' || type.kind === 'int64' || type.kind === 'bool';
  if (!isNumber || !Buffer.isBuffer(value)) return [value];
  const numbers: bigint[] = [];
  for (let at = 0; at < value.length;) {
    const [number, next] = readVarint(value, at);
    numbers.push(number);
    at = next;
  }
  return numbers;
}

// ---- wire format

function readFields(bytes: Buffer): Fields {
  const fields = new Map<number, Value[]>();
  let at = 0;
  while (at < bytes.length) {
    const [tag, afterTag] = readVarint(bytes, at);
    const [value, next] = readValue(bytes, afterTag, Number(tag & 7n));
    const number = Number(tag >> 3n);
    const before = fields.get(number);
    if (before) before.push(value);
    else fields.set(number, [value]);
    at = next;
  }
  return fields;
}

function readValue(bytes: Buffer, at: number, wireType: number): [Value, number] {
  switch (wireType) {
    case 0:
      return readVarint(bytes, at);
    case 1:
      return slice(bytes, at, 8);
    case 2: {
      const [length, start] = readVarint(bytes, at);
      return slice(bytes, start, Number(length));
    }
    case 5:
      return slice(bytes, at, 4);
    default:
      throw new ProtobufError(`illegal wireType ${String(wireType)}`);
  }
}

function slice(bytes: Buffer, start: number, length: number): [Buffer, number] {
  if (start + length > bytes.length) throw new ProtobufError('unexpected EOF');
  return [bytes.subarray(start, start + length), start + length];
}

function readVarint(bytes: Buffer, start: number): [bigint, number] {
  let result = 0n;
  for (let at = start, shift = 0n; ; at++, shift += 7n) {
    const byte = bytes[at];
    if (byte === undefined || shift > 63n) throw new ProtobufError('unexpected EOF');
    result |= BigInt(byte & 0x7f) << shift;
    if (byte < 0x80) return [result, at + 1];
  }
}

function bytesOf(fields: Fields, number: number): Buffer {
  const value = fields.get(number)?.at(-1);
  return Buffer.isBuffer(value) ? value : Buffer.alloc(0);
}

function integerOf(fields: Fields, number: number): bigint {
  const value = fields.get(number)?.at(-1);
  return typeof value === 'bigint' ? value : 0n;
}

function expectBytes(value: Value): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw new ProtobufError('a field has the wrong wire type');
}

function expectInteger(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  throw new ProtobufError('a field has the wrong wire type');
}

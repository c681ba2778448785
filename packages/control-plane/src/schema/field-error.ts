import type { FieldError } from '../status-error.js';

/** The field of an error that belongs to the whole object: what the API server prints for an empty path. */
export const NO_FIELD = '<nil>';

/** Constructors of the API server's field errors; `detail` is the explanation after the kind and the value. */

export function required(field: string, detail = ''): FieldError {
  return fieldError('FieldValueRequired', field, 'Required value', detail);
}

export function invalid(field: string, value: unknown, detail: string): FieldError {
  return fieldError('FieldValueInvalid', field, `Invalid value: ${printValue(value)}`, detail);
}

/** Like {@link invalid}, for a value that does not print in the usual way. */
export function invalidPrinted(field: string, printedValue: string, detail: string): FieldError {
  return fieldError('FieldValueInvalid', field, `Invalid value: ${printedValue}`, detail);
}

export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return fieldError('FieldValueTypeInvalid', field, `Invalid value: ${printValue(value)}`, detail);
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const list = supported.map(quote).join(', ');
  return fieldError(
    'FieldValueNotSupported',
    field,
    `Unsupported value: ${printValue(value)}`,
    `supported values: ${list}`,
  );
}

export function duplicate(field: string, value: unknown): FieldError {
  return fieldError('FieldValueDuplicate', field, `Duplicate value: ${printValue(value)}`, '');
}

export function notFound(field: string, value: unknown): FieldError {
  return fieldError('FieldValueNotFound', field, `Not found: ${printValue(value)}`, '');
}

export function forbidden(field: string, detail: string): FieldError {
  return fieldError('FieldValueForbidden', field, 'Forbidden', detail);
}

export function tooLong(field: string, limitBytes: number): FieldError {
  return fieldError('FieldValueTooLong', field, 'Too long', `may not be more than ${limitBytes} bytes`);
}

export function tooMany(field: string, actual: number, limit: number): FieldError {
  return fieldError('FieldValueTooMany', field, `Too many: ${actual}`, `must have at most ${limit} items`);
}

function fieldError(type: FieldError['type'], field: string, kind: string, detail: string): FieldError {
  return { type, field: field === '' ? NO_FIELD : field, detail: detail === '' ? kind : `${kind}: ${detail}` };
}

/** Prints a value as the API server does: strings quoted as in Go, numbers and booleans bare, the rest as JSON. */
function printValue(value: unknown): string {
  if (typeof value === 'string') {
    return quote(value);
  }
  if (typeof value === 'number') {
    return printNumber(value);
  }
  if (typeof value === 'boolean' || typeof value === 'bigint') {
    return String(value);
  }
  return printJson(value);
}

function printNumber(value: number): string {
  return Number.isInteger(value) ? BigInt(value).toString() : printFloat(value);
}

/** A floating point number as Go's `%v` prints it: with an exponent from a million on. */
export function printFloat(value: number): string {
  if (!Number.isFinite(value)) {
    return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf';
  }
  const [digits = '', exponent = ''] = value.toExponential().split('e');
  const power = Number(exponent);
  if (power >= -4 && power < 6) {
    return String(value);
  }
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

/** JSON as Go marshals it: keys sorted, `<`, `>` and `&` escaped. */
export function printJson(value: unknown): string {
  return escapeHtml(sortedJson(value));
}

/** Escapes what could be HTML in a JSON text, as Go does. */
export function escapeHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function sortedJson(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(sortedJson).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).filter(([, field]) => field !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${sortedJson(field)}`).join(',')}}`;
  }
  return typeof value === 'bigint' ? String(value) : (JSON.stringify(value) ?? 'null');
}

/** Characters that Go has a letter for in a quoted string. */
export const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Quotes a string as Go's `%q` does: what cannot be printed is escaped. */
export function quote(text: string): string {
  // Fast path: nearly every string is printable ASCII.
  if (/^[ !#-[\]-~]*$/.test(text)) {
    return `"${text}"`;
  }
  const escaped = text.replace(/["\\]|[^ \p{L}\p{M}\p{N}\p{P}\p{S}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    const short = SHORT_ESCAPES[character];
    if (short !== undefined) {
      return short;
    }
    if (code < 0x80) {
      return `\\x${code.toString(16).padStart(2, '0')}`;
    }
    return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
  return `"${escaped}"`;
}

import { isJsonObject } from '../object.js';

/** How Go's fmt prints JSON values; the API server's messages about types contain such text. */

/** `%v`: strings bare, `map[a:1]`, `[1 2]`, `<nil>`. */
export function formatPlain(value: unknown): string {
  if (value === null || value === undefined) return '<nil>';
  if (typeof value === 'number') return formatNumber(value);
  if (Array.isArray(value)) return `[${value.map(formatPlain).join(' ')}]`;
  if (isJsonObject(value)) {
    return `map[${sortedKeys(value)
      .map((key) => `${key}:${formatPlain(value[key])}`)
      .join(' ')}]`;
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** `%#v`: Go syntax, `map[string]interface {}{"a":1}`. */
export function formatSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number') return formatNumber(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(formatSyntax).join(', ')}}`;
  if (isJsonObject(value)) {
    return `map[string]interface {}{${sortedKeys(value)
      .map((key) => `${quote(key)}:${formatSyntax(value[key])}`)
      .join(', ')}}`;
  }
  return JSON.stringify(value);
}

/** `%T`. */
export function formatType(value: unknown): string {
  if (typeof value === 'string') return 'string';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return Number.isInteger(value) ? 'int64' : 'float64';
  if (Array.isArray(value)) return '[]interface {}';
  return isJsonObject(value) ? 'map[string]interface {}' : '<nil>';
}

/** `%q`: like JSON, but control characters are `\x01`. */
export function quote(text: string): string {
  return JSON.stringify(text).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');
}

/** `%v` of a number: exponents have two digits and begin below 0.0001. */
export function formatNumber(value: number): string {
  const text = value !== 0 && Math.abs(value) < 1e-4 ? value.toExponential() : String(value);
  return text.replace(/e([-+])(\d)$/, 'e$10$2');
}

function sortedKeys(object: Record<string, unknown>): string[] {
  return Object.keys(object).sort();
}

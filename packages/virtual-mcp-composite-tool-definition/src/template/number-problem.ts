import { quoted } from './go-text.js';

const DECIMAL = String.raw`\d(?:_?\d)*`;
const HEX = String.raw`[\da-fA-F](?:_?[\da-fA-F])*`;
const INTEGER = new RegExp(
  String.raw`^[+-]?(?:0|[1-9](?:_?\d)*|0_?[0-7](?:_?[0-7])*|0[oO]_?[0-7](?:_?[0-7])*|0[bB]_?[01](?:_?[01])*|0[xX]_?${HEX})$`,
);
const FLOAT = new RegExp(
  String.raw`^[+-]?(?:(?:${DECIMAL}\.?(?:${DECIMAL})?|\.${DECIMAL})(?:[eE][+-]?${DECIMAL})?|0[xX]_?(?:${HEX}\.?(?:${HEX})?|\.${HEX})[pP][+-]?${DECIMAL})$`,
);

/**
 * What is wrong with a number in a template; undefined when nothing is.
 * @see {@link https://go.dev/ref/spec#Integer_literals | Integer literals}
 */
export function numberProblem(text: string): string | undefined {
  const [, first = '', second = ''] = /^([+-]?.[^+-]*(?:[eEpP][+-][^+-]*)?)(.*)$/s.exec(text) ?? [];
  const parts = [first, second].filter((part) => part !== '').map((part) => part.replace(/i$/, ''));
  if (parts.length > 1 || first.endsWith('i')) {
    return parts.every((part) => FLOAT.test(part)) ? undefined : `illegal number syntax: ${quoted(text)}`;
  }
  if (INTEGER.test(text) && fitsInteger(text)) return undefined;
  if (!FLOAT.test(text)) return `illegal number syntax: ${quoted(text)}`;
  // It looks like an integer and is none: 089, or one of more than 64 bits.
  return /[.eEpP]/.test(text) ? undefined : `integer overflow: ${quoted(text)}`;
}

/** Whether an integer fits 64 bits, with or without sign. */
function fitsInteger(text: string): boolean {
  const [, sign = '', digits = ''] = /^([+-]?)(.*)$/.exec(text.replaceAll('_', '')) ?? [];
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return sign === '-' ? magnitude <= 2n ** 63n : magnitude < 2n ** (sign === '+' ? 63n : 64n);
}

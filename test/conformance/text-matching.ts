import { textOf, type Json } from './json.js';

const TOKENS: Readonly<Record<string, string>> = {
  uid: '[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}',
  rv: '[1-9][0-9]*',
  time: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ',
  microtime: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}Z',
  int: '-?[0-9]+',
  any: '[^]*',
};
const TOKEN = /<(uid|rv|time|microtime|int|any|re:.+?)>/g;
const PATTERN_ALONE = /^<re:([^]*)>$/;
const RELATION = /^<rv (gt|ge) (\d+)>$/;

/** Whether a value is the expected text, or fits it where the text has matchers (`<uid>`, `<re:…>`; see the README). */
export function textMatches(expected: string, actual: Json | undefined): boolean {
  if (expected === '<any>') return actual !== undefined;
  const pattern = PATTERN_ALONE.exec(expected)?.[1];
  if (pattern !== undefined) return new RegExp(`^(?:${pattern})$`).test(textOf(actual));
  const relation = RELATION.exec(expected);
  if (relation) return isNewer(textOf(actual), relation[1] === 'ge', BigInt(relation[2] ?? 0));
  if (expected === '<int>') return /^-?\d+$/.test(textOf(actual));
  return typeof actual === 'string' && (expected === actual || expression(expected).test(actual));
}

/** Versions are beyond what a number holds exactly, on a cluster that has lived for long. */
function isNewer(version: string, orEqual: boolean, than: bigint): boolean {
  if (!/^\d+$/.test(version)) return false;
  return BigInt(version) > than || (orEqual && BigInt(version) === than);
}

function expression(expected: string): RegExp {
  let source = '';
  let end = 0;
  for (const { 0: whole, 1: token = '', index } of expected.matchAll(TOKEN)) {
    source += escape(expected.slice(end, index));
    source += token.startsWith('re:') ? `(?:${token.slice(3)})` : (TOKENS[token] ?? '');
    end = index + whole.length;
  }
  return new RegExp(`^${source}${escape(expected.slice(end))}$`);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

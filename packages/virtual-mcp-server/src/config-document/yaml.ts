/*
 * YAML as Go's yaml.v3 writes it with its default indentation. The ToolHive operator writes the same file with it, and the
 * pods carry a checksum of the text: a server taken over from there does not restart for a difference in white space.
 */

/** JSON data as a YAML document, members in the order they have. */
export function formatYaml(value: unknown): string {
  return blockOf(value, 0, 'document');
}

type Place = 'document' | 'member' | 'item';

/** A value with the line break that ends it; `indent` is the column of the collection it stands in. */
function blockOf(value: unknown, indent: number, place: Place): string {
  if (Array.isArray(value))
    return value.length === 0 ? lineOf('[]', place) : listOf(value, inner(indent, place), place);
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value);
    return members.length === 0 ? lineOf('{}', place) : mapOf(members, inner(indent, place), place);
  }
  if (typeof value !== 'string') return lineOf(String(value), place);
  return lineOf(isLiteral(value) ? literalOf(value, inner(indent, place)) : scalarOf(value), place);
}

/** Collections in a list begin right after its dash; all others are indented to the next multiple of four. */
function inner(indent: number, place: Place): number {
  if (place === 'document') return 0;
  return place === 'item' ? indent + 2 : 4 * Math.floor((indent + 4) / 4);
}

function lineOf(text: string, place: Place): string {
  return `${place === 'member' ? ' ' : ''}${text}\n`;
}

function listOf(items: readonly unknown[], indent: number, place: Place): string {
  return joined(
    items.map((item) => `- ${blockOf(item, indent, 'item')}`),
    indent,
    place,
  );
}

function mapOf(members: readonly (readonly [string, unknown])[], indent: number, place: Place): string {
  return joined(
    members.map(([key, member]) => `${keyOf(key, indent)}:${blockOf(member, indent, 'member')}`),
    indent,
    place,
  );
}

function joined(lines: readonly string[], indent: number, place: Place): string {
  const margin = ' '.repeat(indent);
  const text = lines.join(margin);
  if (place === 'item') return text;
  return place === 'member' ? `\n${margin}${text}` : text;
}

/** What is longer than this cannot be told from the start of a long text, so it is marked as a key. */
const LONGEST_SIMPLE_KEY = 128;

function keyOf(key: string, indent: number): string {
  const text = scalarOf(key);
  return Buffer.byteLength(text) <= LONGEST_SIMPLE_KEY ? text : `? ${text}\n${' '.repeat(indent)}`;
}

function scalarOf(text: string): string {
  if (isSpecial(text) || isOfOtherType(text)) return doubleQuoted(text);
  return isPlain(text) ? text : `'${text.replaceAll("'", "''")}'`;
}

/** Characters that only double quotes can show. */
function isSpecial(text: string): boolean {
  return /[^\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd\u{10000}-\u{10ffff}]|[\u2028\u2029]/u.test(text);
}

/** Whether the text alone would not be read as a text, by YAML 1.2 or a reader that still goes by 1.1. */
function isOfOtherType(text: string): boolean {
  return (
    /^(|~|null|true|false|y|yes|n|no|on|off|<<)$/i.test(text) ||
    /^[-+]?(\.\d[\d_]*|\d[\d_]*(\.[\d_]*)?)(e[-+]?\d+)?$/i.test(text) ||
    /^[-+]?(0x[\da-f_]+|0o?[0-7_]+|0b[01_]+|\.inf)$/i.test(text) ||
    /^\.nan$/i.test(text) ||
    /^[-+]?\d[\d_]*(:[0-5]?\d)+(\.[\d_]*)?$/.test(text) ||
    /^\d{4}-\d{1,2}-\d{1,2}([Tt ].*)?$/.test(text)
  );
}

/** Whether the text can stand without quotes, where nothing but a block is around it. */
function isPlain(text: string): boolean {
  return (
    !/^([#,[\]{}&*!|>'"%@`]|[-?:]( |$)|---|\.\.\.|=$)/.test(text) && !/:( |$)| #/.test(text) && !/^ | $/.test(text)
  );
}

function doubleQuoted(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Whether a text of several lines can be shown as it is. */
function isLiteral(text: string): boolean {
  return text.includes('\n') && !/^[ \n]|[ \t](\n|$)/.test(text) && !isSpecial(text.replaceAll(/[\n\t]/g, ''));
}

function literalOf(text: string, indent: number): string {
  const ending = text.endsWith('\n\n') ? '+' : text.endsWith('\n') ? '' : '-';
  const lines = text.replace(/\n$/, '').split('\n');
  const margin = ' '.repeat(indent);
  return `|${ending}\n${lines.map((line) => (line === '' ? '' : `${margin}${line}`)).join('\n')}`;
}

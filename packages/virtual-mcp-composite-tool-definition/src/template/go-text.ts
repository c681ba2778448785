/** A text between double quotes, as Go's `%q` writes it. */
export function quoted(text: string): string {
  return `"${[...text].map(escaped).join('')}"`;
}

/** A character and its code, as Go's `%#U` writes it: `U+0026 '&'`. */
export function namedCharacter(character: string): string {
  const code = codeOf(character).toString(16).toUpperCase().padStart(4, '0');
  return isPrintable(character) ? `U+${code} '${character}'` : `U+${code}`;
}

/**
 * The value of a Go literal between double quotes, backquotes or single quotes; undefined when it is none.
 * @see {@link https://go.dev/ref/spec#String_literals | String literals}
 */
export function unquoted(literal: string): string | undefined {
  const body = literal.slice(1, -1);
  return literal.startsWith('`') ? body.replaceAll('\r', '') : unescaped(body, literal.charAt(0));
}

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
};

const NAMED = new Map(Object.entries(ESCAPES).map(([name, character]) => [character, `\\${name}`]));

function unescaped(body: string, quote: string): string | undefined {
  let value = '';
  const part = /\\(?:([abfnrtv\\'"])|([0-7]{3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))|[^\\]/gsuy;
  for (let at = 0; at < body.length; at = part.lastIndex) {
    part.lastIndex = at;
    const match = part.exec(body);
    if (match === null) return undefined;
    const [whole, name, octal, ...hexadecimal] = match;
    const hex = hexadecimal.find((digits) => digits !== undefined);
    if (whole === quote) return undefined;
    if (name !== undefined) {
      const character = name === quote ? quote : ESCAPES[name];
      if (character === undefined) return undefined;
      value += character;
    } else if (octal !== undefined || hex !== undefined) {
      const code = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000) || (octal !== undefined && code > 0xff))
        return undefined;
      value += String.fromCodePoint(code);
    } else {
      value += whole;
    }
  }
  return value;
}

function escaped(character: string): string {
  if (character === '"') return '\\"';
  const named = NAMED.get(character);
  if (named !== undefined) return named;
  if (isPrintable(character)) return character;
  const code = codeOf(character);
  const hex = code.toString(16);
  if (code < 0x80) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

/** Letters, marks, numbers, punctuation, symbols, and the space. */
const isPrintable = (character: string) => /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character);

const codeOf = (character: string) => character.codePointAt(0) ?? 0;

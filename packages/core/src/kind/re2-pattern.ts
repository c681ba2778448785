import { RE2JS } from 're2js';

/**
 * The text of a JavaScript regular expression as the API server reads it (RE2), meaning the same.
 *
 * Known to differ by a hair: `\s` is ASCII-only there, and `.` also matches U+2028 and U+2029.
 *
 * @throws Error that says what the API server does not know: lookaround, back references, flags without a counterpart.
 */
export function re2Pattern(pattern: RegExp): string {
  const known = translated.get(pattern);
  if (known !== undefined) return known;
  const text = translate(pattern);
  translated.set(pattern, text);
  return text;
}

/** A pattern is often that of many fields, and takes a millisecond to try. */
const translated = new WeakMap<RegExp, string>();

function translate({ source, flags }: RegExp): string {
  const lost = flags.replace(/[dgimsuv]/g, '');
  if (lost !== '') throw new Error(`the flag ${lost} has no counterpart in the API server's patterns`);
  if (source.includes('[:')) {
    throw new Error(
      `${source} reads differently on the API server because of [:; use pattern() for character classes like [[:space:]]`,
    );
  }
  const kept = flags.replace(/[^ims]/g, '');
  const text = (kept === '' ? '' : `(?${kept})`) + translateEscapes(source);
  try {
    RE2JS.compile(text);
  } catch (error) {
    throw new Error(
      `the API server cannot read the pattern ${source}; its patterns have no lookaround and no back references`,
      {
        cause: error,
      },
    );
  }
  return text;
}

/** `\/` is only needed between slashes; RE2 spells `\u00e9` as `\x{00e9}`, and gives some letters a meaning they lack here. */
function translateEscapes(source: string): string {
  return source.replace(/\\(u\{[0-9a-fA-F]+\}|u[0-9a-fA-F]{4}|[\s\S])/g, (escape: string, body: string) => {
    if (body === '/') return '/';
    if (body.length > 1) return `\\x{${body.replace(/[u{}]/g, '')}}`;
    if (/[a-zA-Z]/.test(body) && !/[bBdDfnpPrsStvwWx]/.test(body)) {
      throw new Error(`${escape} in the pattern ${source} means something else to the API server`);
    }
    return escape;
  });
}

/** A pattern that matches exactly this text wherever it occurs. */
export function literalPattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

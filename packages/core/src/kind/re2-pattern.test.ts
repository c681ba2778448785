import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RE2JS } from 're2js';
import { literalPattern, re2Pattern } from './re2-pattern.js';

describe('re2Pattern', () => {
  it.each([
    { name: 'drops the escape that only slashes need', pattern: /^https?:\/\/x$/, text: '^https?://x$' },
    { name: 'keeps a backslash before a slash', pattern: /a\\\/b/, text: 'a\\\\/b' },
    { name: 'puts flags into the pattern', pattern: /^a.b$/is, text: '(?is)^a.b$' },
    { name: 'ignores flags that do not matter to one test', pattern: /^a$/dg, text: '^a$' },
    { name: 'spells code points as RE2 does', pattern: /^[\u00b5\u{1F600}]$/u, text: '^[\\x{00b5}\\x{1F600}]$' },
    { name: 'keeps character classes', pattern: /^[\w\d\s]+\.\x21$/, text: '^[\\w\\d\\s]+\\.\\x21$' },
  ])('$name', ({ pattern, text }) => {
    expect(re2Pattern(pattern)).toBe(text);
  });

  it.each([
    { name: 'lookahead', pattern: /^(?!x)y$/, problem: 'lookaround' },
    { name: 'lookbehind', pattern: /(?<=x)y/, problem: 'lookaround' },
    { name: 'back references', pattern: /(a)\1/, problem: 'back references' },
    { name: 'the sticky flag', pattern: /a/y, problem: 'the flag y' },
    {
      name: 'POSIX classes, which JavaScript reads as a set of letters',
      pattern: /[[:space:]]/,
      problem: 'use pattern()',
    },
    { name: 'letters that RE2 gives a meaning', pattern: /\A/, problem: '\\A' },
    { name: 'repetition beyond the limit of RE2', pattern: /a{1001}/, problem: 'cannot read' },
  ])('refuses $name', ({ pattern, problem }) => {
    expect(() => re2Pattern(pattern)).toThrow(problem);
  });

  it('matches the same strings on both sides', () => {
    const atom = fc.constantFrom(
      'a',
      'b',
      '\\/',
      '.',
      '\\d',
      '\\w',
      '[a-c]',
      '[^a]',
      '\\.',
      '\\u0061',
      '(?:ab|c)',
      '\\x62',
    );
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}')).map((parts) => parts.join(''));
    const source = fc
      .tuple(fc.constantFrom('', '^'), fc.array(piece, { minLength: 1, maxLength: 5 }), fc.constantFrom('', '$'))
      .map(([start, pieces, end]) => start + pieces.join('') + end);
    const input = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', '/', '.', '1', '\n'), maxLength: 8 });
    fc.assert(
      fc.property(source, fc.constantFrom('', 'i', 's', 'is'), input, (text, flags, value) => {
        const pattern = new RegExp(text, flags);
        expect(RE2JS.compile(re2Pattern(pattern)).matcher(value).find()).toBe(pattern.test(value));
      }),
    );
  });
});

describe('literalPattern', () => {
  it('matches the text and nothing else', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string(), (text, other) => {
        const pattern = RE2JS.compile(`^${literalPattern(text)}$`);
        expect(pattern.matcher(text).find()).toBe(true);
        expect(pattern.matcher(other).find()).toBe(other === text);
      }),
    );
  });
});

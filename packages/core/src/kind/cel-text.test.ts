import { describe, expect, it } from '@jest/globals';
import { celFieldName, celText } from './cel-text.js';

describe('celFieldName', () => {
  it.each([
    ['name', 'name'],
    ['x-y', 'x__dash__y'],
    ['example.dev/name', 'example__dot__dev__slash__name'],
    ['a__b', 'a__underscores__b'],
    ['in', '__in__'],
    ['namespace', '__namespace__'],
    ['inside', 'inside'],
    ['x y', undefined],
    ['1st', undefined],
    ['', undefined],
  ])('spells %j as %j', (name, spelled) => {
    expect(celFieldName(name)).toBe(spelled);
  });
});

describe('celText', () => {
  it.each([
    ['plain', "'plain'"],
    ["it's", "'it\\'s'"],
    ['^\\d+$', "'^\\\\d+$'"],
    ['two\nlines', "'two\\nlines'"],
  ])('quotes %j', (text, quoted) => {
    expect(celText(text)).toBe(quoted);
  });
});

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { base64Problem } from './base64.js';

describe('base64Problem', () => {
  it('finds nothing wrong with what an encoder writes, broken into lines or not', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(), (bytes, where) => {
        const text = Buffer.from(bytes).toString('base64');
        const cut = where % (text.length + 1);

        expect(base64Problem(text)).toBeUndefined();
        expect(base64Problem(`${text.slice(0, cut)}\r\n${text.slice(cut)}`)).toBeUndefined();
      }),
    );
  });

  it.each([
    ['???', 0],
    ['YW?=', 2],
    ['YWJ', 0],
    ['YWJjZ', 4],
    ['YQ=', 3],
    ['YQ=x', 3],
    ['YQ==YQ==', 4],
    ['=', 0],
  ])('%s is wrong at %d', (text, offset) => {
    expect(base64Problem(text)).toBe(offset);
  });
});

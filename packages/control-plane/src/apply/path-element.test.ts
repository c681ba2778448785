import { describe, expect, it } from '@jest/globals';

import { parsePathElement, PathElementError, printPath, sortPathElements } from './path-element.js';

describe('parsePathElement', () => {
  it.each([
    ['f:name', 'f:name'],
    ['f:', 'f:'],
    ['f:a.b/c:d', 'f:a.b/c:d'],
    ['k:{"protocol": "TCP", "port": 80}', 'k:{"port":80,"protocol":"TCP"}'],
    ['v: "a"', 'v:"a"'],
    ['v:1.0', 'v:1'],
    ['v:"<a>"', 'v:"\\u003ca\\u003e"'],
    ['v:"\\u003ca\\u003e"', 'v:"\\u003ca\\u003e"'],
    ['i:07', 'i:7'],
  ])('reads %s as %s, however it was written', (text, canonical) => {
    expect(parsePathElement(text)).toBe(canonical);
  });

  it('ignores types of elements that a later version may bring', () => {
    expect(parsePathElement('x:y')).toBeUndefined();
  });

  it.each(['', '.', 'f', 'name', 'k:', 'k:[1]', 'v:{', 'i:a'])('refuses %j', (text) => {
    expect(() => parsePathElement(text)).toThrow(PathElementError);
  });
});

describe('printPath', () => {
  it('prints a path as conflicts name it', () => {
    expect(printPath(['f:spec', 'f:ports', 'k:{"port":80,"protocol":"TCP"}', 'f:set', 'v:"a\\u003c"'])).toBe(
      '.spec.ports[port=80,protocol="TCP"].set[="a<"]',
    );
  });

  it('prints indexes, numbers, booleans and null bare', () => {
    expect(printPath(['i:3', 'v:1.5', 'v:true', 'v:null', 'k:{"a":{"b":[1,"x"]}}'])).toBe(
      '[3][=1.5][=true][=null][a=b=[1,"x"]]',
    );
  });
});

describe('sortPathElements', () => {
  it('puts fields before keys, keys before values, values before indexes', () => {
    expect(sortPathElements(['i:0', 'v:1', 'k:{"a":1}', 'f:z', 'f:b'])).toEqual([
      'f:b',
      'f:z',
      'k:{"a":1}',
      'v:1',
      'i:0',
    ]);
  });

  it('orders by value, not by text', () => {
    expect(sortPathElements(['v:"a!"', 'v:10', 'v:"a"', 'v:9', 'v:null', 'v:true'])).toEqual([
      'v:9',
      'v:10',
      'v:"a"',
      'v:"a!"',
      'v:true',
      'v:null',
    ]);
    expect(sortPathElements(['k:{"port":443}', 'k:{"port":80,"x":1}', 'k:{"port":80}', 'i:10', 'i:9'])).toEqual([
      'k:{"port":80}',
      'k:{"port":80,"x":1}',
      'k:{"port":443}',
      'i:9',
      'i:10',
    ]);
  });
});

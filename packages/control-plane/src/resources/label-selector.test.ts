import { describe, expect, it } from '@jest/globals';
import { parseLabelSelector } from './label-selector.js';

const OBJECTS: Readonly<Record<string, Record<string, string>>> = {
  yes: { even: 'yes', n: '2' },
  no: { even: 'no', n: '1' },
  none: {},
};

function selected(selector: string): string[] {
  const matches = parseLabelSelector(selector);
  return Object.entries(OBJECTS)
    .filter(([, labels]) => matches(labels))
    .map(([name]) => name);
}

describe('parseLabelSelector', () => {
  it.each([
    ['even=yes', ['yes']],
    ['even==yes', ['yes']],
    ['even!=no', ['yes', 'none']],
    ['even in (yes, maybe)', ['yes']],
    ['even notin (yes)', ['no', 'none']],
    ['even', ['yes', 'no']],
    ['!even', ['none']],
    ['n>1', ['yes']],
    ['n<2', ['no']],
    ['even=yes,!other', ['yes']],
    ['even=', []],
    ['example.com/even!=yes', ['yes', 'no', 'none']],
  ])('%s selects %j', (selector, expected) => {
    expect(selected(selector)).toEqual(expected);
  });

  it.each(['even in', 'a b', 'even=yes,', '=x', 'n>many', 'even in (a b'])('refuses %s', (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow(/^unable to parse requirement: /);
  });
});

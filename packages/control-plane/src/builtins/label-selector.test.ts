import { describe, expect, it } from '@jest/globals';

import { formatSelector, matchesSelector, validateLabelSelector } from './label-selector.js';

const expression = (operator: string, values?: string[]) => ({
  matchExpressions: [{ key: 'tier', operator, ...(values === undefined ? {} : { values }) }],
});

describe('matchesSelector', () => {
  it.each([
    [{ matchLabels: { app: 'a' } }, { app: 'a', other: 'b' }, true],
    [{ matchLabels: { app: 'a' } }, { app: 'b' }, false],
    [expression('In', ['x', 'y']), { tier: 'y' }, true],
    [expression('In', ['x', 'y']), {}, false],
    [expression('NotIn', ['x']), {}, true],
    [expression('NotIn', ['x']), { tier: 'x' }, false],
    [expression('Exists'), { tier: '' }, true],
    [expression('DoesNotExist'), { tier: '' }, false],
    [{}, {}, true],
    [undefined, {}, false],
  ])('%j on %j: %s', (selector, labels, matches) => {
    expect(matchesSelector(selector, labels)).toBe(matches);
  });
});

describe('formatSelector', () => {
  it.each([
    [{ matchLabels: { b: '2', a: '1' } }, 'a=1,b=2'],
    [{ ...expression('In', ['y', 'x']), matchLabels: { app: 'a' } }, 'app=a,tier in (x,y)'],
    [expression('DoesNotExist'), '!tier'],
    [expression('Exists'), 'tier'],
    [{}, '<none>'],
    [undefined, '<none>'],
  ])('%j is %s', (selector, text) => {
    expect(formatSelector(selector)).toBe(text);
  });
});

describe('validateLabelSelector', () => {
  it.each([
    [
      expression('In'),
      "s.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
    ],
    [
      expression('Exists', ['x']),
      "s.matchExpressions[0].values: Forbidden: may not be specified when `operator` is 'Exists' or 'DoesNotExist'",
    ],
    [expression('Like', ['x']), 's.matchExpressions[0].operator: Invalid value: "Like": not a valid selector operator'],
  ])('%j', (selector, message) => {
    expect(validateLabelSelector(selector, 's').map(({ field, detail }) => `${field}: ${detail}`)).toEqual([message]);
  });
});

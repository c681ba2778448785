import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Attributes } from './attributes.js';
import { allows, breakDown, covers, describeRule, joinVerbs, type PolicyRule } from './policy-rule.js';

function aRule(part: Partial<PolicyRule>): PolicyRule {
  return { verbs: ['get'], apiGroups: [], resources: [], resourceNames: [], nonResourceURLs: [], ...part };
}

function get(resource: string, subresource?: string, name?: string): Attributes {
  return {
    type: 'resource',
    verb: 'get',
    group: 'apps',
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(name === undefined ? {} : { name }),
  };
}

describe('a rule', () => {
  const pods = aRule({ apiGroups: ['apps'], resources: ['pods'] });

  it.each<[string, PolicyRule, Attributes, boolean]>([
    ['allows what it names', pods, get('pods'), true],
    ['allows no other verb', { ...pods, verbs: ['list'] }, get('pods'), false],
    ['allows no other group', { ...pods, apiGroups: [''] }, get('pods'), false],
    ['does not cover subresources of its resource', pods, get('pods', 'status'), false],
    ['of a subresource does not cover the resource', { ...pods, resources: ['pods/status'] }, get('pods'), false],
    ['may name a subresource of everything', { ...pods, resources: ['*/status'] }, get('pods', 'status'), true],
    ['may name everything', { ...pods, verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, get('pods', 'log'), true],
    ['with names allows these', { ...pods, resourceNames: ['a'] }, get('pods', undefined, 'a'), true],
    ['with names allows no others', { ...pods, resourceNames: ['a'] }, get('pods', undefined, 'b'), false],
    ['with names allows nothing that has no name', { ...pods, resourceNames: ['a'] }, get('pods'), false],
    ['of paths allows a path', aRule({ nonResourceURLs: ['/x'] }), { type: 'path', verb: 'get', path: '/x' }, true],
    [
      'of paths that ends in a star allows what begins so',
      aRule({ nonResourceURLs: ['/x/*'] }),
      { type: 'path', verb: 'get', path: '/x/y/z' },
      true,
    ],
    [
      'of paths allows no others',
      aRule({ nonResourceURLs: ['/x/*'] }),
      { type: 'path', verb: 'get', path: '/x' },
      false,
    ],
    ['of resources allows no paths', pods, { type: 'path', verb: 'get', path: '/pods' }, false],
  ])('%s', (_, rule, attributes, allowed) => {
    expect(allows(rule, attributes)).toBe(allowed);
  });

  it('covers all that it can be broken down to, and nothing that is broken out of a larger one', () => {
    const texts = (...values: string[]): fc.Arbitrary<string[]> => fc.subarray(values, { minLength: 1 });
    const rules = fc.record({
      verbs: texts('get', 'list', '*'),
      apiGroups: texts('', 'apps', '*'),
      resources: texts('pods', 'pods/status', '*/status', '*'),
      resourceNames: fc.subarray(['a', 'b']),
      nonResourceURLs: fc.constant<string[]>([]),
    });
    fc.assert(
      fc.property(rules, (rule) => {
        const single = breakDown(rule);
        expect(single.every((part) => covers(rule, part))).toBe(true);
        expect(covers(rule, { ...rule, verbs: [...rule.verbs, 'delete'] })).toBe(rule.verbs.includes('*'));
      }),
    );
  });

  it('that is limited to names does not cover one that is not', () => {
    expect(covers({ ...pods, resourceNames: ['a'] }, pods)).toBe(false);
    expect(covers(pods, { ...pods, resourceNames: ['a'] })).toBe(true);
  });

  it('is shown as a real server shows it, verbs of one resource together', () => {
    const rule = aRule({ verbs: ['get', 'list'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] });

    expect(joinVerbs(breakDown(rule)).map(describeRule)).toEqual([
      '{APIGroups:[""], Resources:["pods"], ResourceNames:["a"], Verbs:["get" "list"]}',
    ]);
  });
});

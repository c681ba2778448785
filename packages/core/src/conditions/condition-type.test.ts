import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isConditionType, memberCondition } from './condition-type.js';

describe('memberCondition', () => {
  it('is the prefix and the member where the API server takes that', () => {
    expect(memberCondition('Backend-', 'github.com_v2')).toBe('Backend-github.com_v2');
  });

  it.each([
    { member: 'my backend', type: /^Backend-my_backend-[0-9a-f]+$/ },
    { member: 'ends-with-', type: /^Backend-ends-with---?[0-9a-f]+$/ },
    { member: '', type: /^Backend--[0-9a-f]+$/ },
  ])('stands in legibly for "$member"', ({ member, type }) => {
    expect(memberCondition('Backend-', member)).toMatch(type);
  });

  it('is always a type the API server takes, and another one for another member', () => {
    const member = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ minLength: 300, maxLength: 400 }));
    fc.assert(
      fc.property(member, member, (one, other) => {
        expect(isConditionType(memberCondition('Backend-', one))).toBe(true);
        expect(memberCondition('Backend-', one) === memberCondition('Backend-', other)).toBe(one === other);
      }),
    );
  });
});

import { expect } from '@jest/globals';
import type { ConditionStatus } from '@trueup/core';

type ExpectedCondition = Partial<Omit<ConditionStatus, 'type' | 'message'>> & { readonly message?: string | RegExp };

/** Anything with conditions in its status. */
interface WithConditions {
  readonly kind?: string;
  readonly metadata?: { readonly name?: string };
  readonly status?: { readonly conditions?: readonly ConditionStatus[] } | undefined;
}

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>> {
    /** The object's status has this condition, with these of its fields. */
    toHaveCondition(type: string, expected?: ExpectedCondition): R;
  }
}

function toHaveCondition(received: unknown, type: string, expected: ExpectedCondition = {}) {
  const object = received as WithConditions | undefined;
  const conditions = object?.status?.conditions ?? [];
  const found = conditions.find((condition) => condition.type === type);
  const wrong =
    found === undefined
      ? []
      : Object.entries(expected).filter(([field, value]) => !matches(found[field as keyof ConditionStatus], value));
  const shown = conditions.map(
    ({ type: name, status, reason, message }) => `  ${name}=${status} ${reason}: ${message}`,
  );
  return {
    pass: found !== undefined && wrong.length === 0,
    message: () =>
      `${object?.kind ?? 'object'} ${object?.metadata?.name ?? ''}: ${type} ` +
      (found === undefined
        ? 'is absent'
        : `differs in ${wrong.map(([field, value]) => `${field} (expected ${String(value)})`).join(', ') || 'nothing'}`) +
      `; its conditions are\n${shown.join('\n')}`,
  };
}

function matches(actual: unknown, expected: unknown): boolean {
  return expected instanceof RegExp ? expected.test(String(actual)) : actual === expected;
}

expect.extend({ toHaveCondition });

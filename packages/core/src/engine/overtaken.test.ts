import { describe, expect, it } from '@jest/globals';
import { isOvertaken } from './overtaken.js';

const read = {
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', resourceVersion: '1', labels: { a: 'b' } },
  spec: { size: 1 },
  status: { ready: 0 },
};

describe('isOvertaken', () => {
  it.each([
    {
      what: 'what was written: the status',
      subresource: 'status',
      answered: { status: { ready: 1 } },
      expected: false,
    },
    {
      what: 'another spec after a write of the status',
      subresource: 'status',
      answered: { spec: { size: 2 } },
      expected: true,
    },
    { what: 'what was written: the spec', subresource: undefined, answered: { spec: { size: 2 } }, expected: false },
    {
      what: 'another status after a write of the spec',
      subresource: undefined,
      answered: { status: { ready: 1 } },
      expected: true,
    },
  ])('is $expected for an answer that shows $what', ({ subresource, answered, expected }) => {
    const metadata = { ...read.metadata, resourceVersion: '2' };
    expect(isOvertaken(read, { ...read, ...answered, metadata }, subresource)).toBe(expected);
  });
});

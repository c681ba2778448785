import { describe, expect, it } from '@jest/globals';
import type { Secret } from '@trueup/core';
import type { VirtualMCPServer } from '../resource.js';
import { hmacProblem } from './hmac-secret.js';

const server = { kind: 'VirtualMCPServer', metadata: { name: 'v', namespace: 'n', uid: '1' } } as VirtualMCPServer;
const owner = { apiVersion: 'g/v1', kind: 'VirtualMCPServer', name: 'v', uid: '1' };
const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const secret = (value?: string, owners = [owner]) =>
  ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'v-hmac-secret', ownerReferences: owners },
    data: value === undefined ? {} : { 'hmac-secret': base64(value) },
  }) as Secret;

describe('a Secret that was there before the server', () => {
  it.each([
    { stored: secret(base64(Buffer.alloc(32, 1))), problem: undefined },
    { stored: secret(base64(Buffer.alloc(32, 1)), []), problem: 'secret is not owned by VirtualMCPServer n/v' },
    {
      stored: secret(base64(Buffer.alloc(32, 1)), [{ ...owner, uid: '2' }]),
      problem: 'secret is not owned by VirtualMCPServer n/v',
    },
    { stored: secret(), problem: "secret missing required 'hmac-secret' key" },
    { stored: secret(''), problem: 'hmac-secret is empty' },
    {
      stored: secret('ab!d'),
      problem: 'hmac-secret is not valid base64: illegal base64 data at input byte 2',
    },
    { stored: secret(base64('short')), problem: 'hmac-secret must be exactly 32 bytes, got 5 bytes' },
    { stored: secret(base64(Buffer.alloc(32))), problem: 'hmac-secret is all zeros (weak key)' },
  ])('$problem', ({ stored, problem }) => {
    expect(hmacProblem(stored, server)).toBe(problem);
  });
});

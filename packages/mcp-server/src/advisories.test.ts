import { describe, expect, it } from '@jest/globals';
import type { z } from 'zod';
import { rateLimitConfigValid, stdioReplicaCapped } from './advisories.js';
import { MCPServer } from './resource.js';

const spec = (given: Partial<z.input<(typeof MCPServer)['definition']['spec']>>) =>
  MCPServer.definition.spec.parse({ image: 'i', ...given });
const bucket = { maxTokens: 1, refillPeriod: '1s' };

describe('the condition StdioReplicaCapped', () => {
  it.each([
    [
      { replicas: 3 },
      'True',
      'stdio transport requires exactly 1 replica; deployment will use 1 regardless of spec.replicas',
    ],
    [
      { backendReplicas: 2 },
      'True',
      'stdio transport requires exactly 1 replica; backend StatefulSet will use 1 regardless of spec.backendReplicas',
    ],
    [
      { replicas: 2, backendReplicas: 2 },
      'True',
      'stdio transport requires exactly 1 replica; deployment and backend StatefulSet will use 1 regardless of spec.replicas and spec.backendReplicas',
    ],
    [{ replicas: 1 }, 'False', 'stdio replica cap is not active'],
    [{}, 'False', 'stdio replica cap is not active'],
    [{ replicas: 3, transport: 'sse' as const }, 'False', 'stdio replica cap is not active'],
  ])('for %j is %s', (given, status, message) => {
    expect(stdioReplicaCapped(spec(given))).toMatchObject({ status, message });
  });
});

describe('the condition RateLimitConfigValid', () => {
  const byUser = { shared: bucket, perUser: bucket };
  it.each([
    ['without limits', {}, 'True', 'RateLimitNotApplicable'],
    ['for shared limits', { rateLimiting: { shared: bucket } }, 'True', 'RateLimitConfigValid'],
    ['for limits of users nobody knows', { rateLimiting: byUser }, 'False', 'PerUserRequiresAuth'],
    [
      'for limits of a tool by users nobody knows',
      { rateLimiting: { tools: [{ name: 't', perUser: bucket }] } },
      'False',
      'PerUserRequiresAuth',
    ],
    [
      'for limits of known users',
      { rateLimiting: byUser, externalAuthConfigRef: { name: 'a' } },
      'True',
      'RateLimitConfigValid',
    ],
    [
      'for a period that never comes',
      { rateLimiting: { shared: { maxTokens: 1, refillPeriod: '0s' } } },
      'False',
      'InvalidRefillPeriod',
    ],
    [
      'for a period that is none',
      { rateLimiting: { tools: [{ name: 't', shared: { maxTokens: 1, refillPeriod: 'x' } }] } },
      'False',
      'InvalidRefillPeriod',
    ],
  ])('%s is %s', (_, given, status, reason) => {
    expect(rateLimitConfigValid(spec(given))).toMatchObject({ status, reason });
  });
});

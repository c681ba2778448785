import { rule } from '@trueup/core';
import { z } from 'zod';
import { goDuration } from '../go-duration.js';

const circuitBreaker = z.object({
  enabled: z.boolean().default(false).describe('Keeps calls away from a backend that fails.'),
  failureThreshold: z.int().min(1).default(5).describe('Failures in a row that open the circuit.'),
  timeout: rule(goDuration(), {
    rule: "self == '' || duration(self) >= duration('1s')",
    message: 'timeout must be >= 1s',
  })
    .default('60s')
    .describe('How long the circuit stays open before a call is tried.'),
});

const failureHandling = z.object({
  healthCheckInterval: goDuration().default('30s').describe('How often each backend is asked how it is.'),
  unhealthyThreshold: z
    .int()
    .default(3)
    .describe('Checks in a row that must fail before a backend counts as unhealthy.'),
  healthCheckTimeout: goDuration().default('10s').describe('How long one check may take; less than the interval.'),
  statusReportingInterval: goDuration().default('30s').describe('How often the server reports its backends.'),
  partialFailureMode: z
    .enum(['fail', 'best_effort'])
    .default('fail')
    .describe('Whether a call that some backends cannot answer fails, or is answered with what there is.'),
  circuitBreaker: circuitBreaker.optional().describe('Circuit breaker of each backend.'),
});

/** How the server behaves while it runs. */
export const operational = z.object({
  logLevel: z.enum(['debug']).optional().describe('Writes more to the log.'),
  timeouts: z
    .object({
      default: goDuration().default('30s').describe('How long a backend may take for a call.'),
      perWorkload: z.record(z.string(), goDuration()).optional().describe('The same for single backends, by name.'),
    })
    .optional()
    .describe('How long calls may take.'),
  failureHandling: failureHandling.optional().describe('What to do about backends that fail.'),
});

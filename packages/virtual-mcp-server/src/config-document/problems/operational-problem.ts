import { parseGoDuration } from '@trueup/core';
import type { ConfigDocument } from '../format/config-document.js';

type Operational = NonNullable<ConfigDocument['operational']>;
type FailureHandling = NonNullable<Operational['failureHandling']>;

const MODES = ['fail', 'best_effort'];
const SECOND = 1_000_000_000n;

/** Why the process would refuse the section `operational`. */
export function operationalProblem({ timeouts, failureHandling }: Operational): string | undefined {
  if (!isPositive(timeouts?.default)) return 'operational.timeouts.default must be positive';
  for (const [workload, timeout] of Object.entries(timeouts?.perWorkload ?? {})) {
    if (!isPositive(timeout)) return `operational.timeouts.perWorkload.${workload} must be positive`;
  }
  const problem = failureHandling && failureHandlingProblem(failureHandling);
  return problem && `operational.failureHandling: ${problem}`;
}

function failureHandlingProblem(handling: FailureHandling): string | undefined {
  const { healthCheckInterval: interval = '0s', unhealthyThreshold = 0, healthCheckTimeout: timeout = '0s' } = handling;
  if (!isPositive(interval)) return 'healthCheckInterval must be positive';
  if (unhealthyThreshold <= 0) return 'unhealthyThreshold must be positive';
  if (nanoseconds(timeout) < 0n) return `healthCheckTimeout must be >= 0 (zero means no timeout), got ${timeout}`;
  if (nanoseconds(timeout) >= nanoseconds(interval)) {
    return `healthCheckTimeout (${timeout}) must be less than healthCheckInterval (${interval}) to prevent checks from queuing up`;
  }
  if (!MODES.includes(handling.partialFailureMode ?? '')) {
    return `partialFailureMode must be one of: ${MODES.join(', ')}`;
  }
  return handling.circuitBreaker?.enabled ? circuitBreakerProblem(handling.circuitBreaker) : undefined;
}

function circuitBreakerProblem(breaker: NonNullable<FailureHandling['circuitBreaker']>): string | undefined {
  const { failureThreshold = 0, timeout = '0s' } = breaker;
  if (failureThreshold < 1) return `circuitBreaker.failureThreshold must be >= 1, got ${failureThreshold}`;
  if (!isPositive(timeout)) return `circuitBreaker.timeout must be > 0, got ${timeout}`;
  if (nanoseconds(timeout) < SECOND) return `circuitBreaker.timeout must be >= 1s to prevent thrashing, got ${timeout}`;
  return undefined;
}

const isPositive = (duration = '0s'): boolean => nanoseconds(duration) > 0n;

const nanoseconds = (duration: string): bigint => parseGoDuration(duration) ?? 0n;

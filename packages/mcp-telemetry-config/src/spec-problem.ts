import { firstSpecProblem } from '@trueup/core';
import type { z } from 'zod';
import { caBundleProblem } from './ca-bundle.js';
import { headersProblem } from './headers-problem.js';
import { MCPTelemetryConfig, type OpenTelemetry } from './resource.js';

type Spec = z.input<typeof MCPTelemetryConfig.definition.spec>;

/**
 * The first thing wrong with a spec, in words for its author; undefined when nothing is. Objects the spec names are not
 * looked at: what is missing may still come.
 *
 * @param spec - As stored: it may be older than a rule of the schema, and is not trusted to have the type it is given here.
 */
export function specProblem(spec: Spec): string | undefined {
  return firstSpecProblem(
    MCPTelemetryConfig,
    spec,
    ({ openTelemetry: otel }) => otel && (signalsProblem(otel) ?? headersProblem(otel) ?? caBundleProblem(otel)),
  );
}

/** An endpoint is of no use without signals, and signals without an endpoint go nowhere. */
function signalsProblem({ enabled, endpoint, tracing, metrics }: OpenTelemetry): string | undefined {
  const hasSignal = tracing?.enabled === true || metrics?.enabled === true;
  if (endpoint && !hasSignal) return 'endpoint requires at least one of tracing or metrics to be enabled';
  if (!endpoint && enabled && hasSignal) {
    return 'endpoint is required when openTelemetry is enabled and tracing or metrics is enabled';
  }
  return undefined;
}

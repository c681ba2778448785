import { verdict, type ReferenceWording } from '@trueup/core';

/** What the condition `TelemetryConfigRefValidated` of a workload says, for the `wording` of its `configRef`. */
export const telemetryReferenceWording = {
  valid: (name) => verdict.true('TelemetryConfigRefValid', `MCPTelemetryConfig ${name} is valid`),
  notFound: (name) => verdict.false('TelemetryConfigRefNotFound', `MCPTelemetryConfig ${name} not found`),
  invalid: (name, { message }) =>
    verdict.false('TelemetryConfigRefInvalid', `MCPTelemetryConfig ${name} is invalid${message && `: ${message}`}`),
} satisfies Partial<ReferenceWording>;

import type { EnvVar } from '@trueup/core';
import { headerVariable } from './header-variable.js';
import type { MCPTelemetryConfig } from './resource.js';
import { serviceNameOf, type TelemetryUser } from './telemetry-user.js';

/** Variables of the proxy's container: who it is in what it exports, and the sensitive headers in the order of the list. */
export function telemetryEnvironment({ spec }: MCPTelemetryConfig, user: TelemetryUser): readonly EnvVar[] {
  const { sensitiveHeaders = [] } = spec.openTelemetry ?? {};
  const attributes = [
    ['service.name', serviceNameOf(user)],
    ['service.namespace', user.namespace],
  ] as const;
  return [
    {
      name: 'OTEL_RESOURCE_ATTRIBUTES',
      value: attributes.map(([key, value]) => `${key}=${percentEncoded(value)}`).join(','),
    },
    ...sensitiveHeaders.map(({ name, secretKeyRef }) => ({ name: headerVariable(name), valueFrom: { secretKeyRef } })),
  ];
}

/**
 * The variable is a list of pairs, whose readers decode the values.
 * @see {@link https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable | Resources from the environment}
 */
function percentEncoded(value: string): string {
  return value.replace(/[^ -~]|[,=%]/gu, (character) =>
    Array.from(
      new TextEncoder().encode(character),
      (byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`,
    ).join(''),
  );
}

import {
  ageColumn,
  atomic,
  column,
  conditionColumn,
  defineKind,
  listMap,
  rule,
  sharedConfigStatus,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';

const secretKeyRef = z.object({
  name: z.string().describe('Name of the Secret, in the same namespace.'),
  key: z.string().describe('Key within the Secret.'),
});

const sensitiveHeader = z.object({
  name: z.string().min(1).describe('Name of the header.'),
  secretKeyRef: secretKeyRef.describe('Where its value is kept.'),
});

const caBundleSource = z.object({
  configMapRef: atomic(
    z.object({
      name: z
        .string()
        .default('')
        .describe(
          'Name of the ConfigMap, in the same namespace. At most 48 characters and no dots, since it becomes part of the name of a volume.',
        ),
      key: z.string().describe('Key within the ConfigMap; ca.crt when empty.'),
      optional: z.boolean().optional().describe('Not looked at: the ConfigMap and its key must exist.'),
    }),
  )
    .optional()
    .describe('The ConfigMap that holds the certificates, as PEM.'),
});

const openTelemetry = rule(
  z.object({
    enabled: z.boolean().default(false).describe('Exports what the signals below say; without it nothing is exported.'),
    endpoint: z
      .string()
      .optional()
      .describe('The collector, as host and port; https:// or http:// before it makes no difference.'),
    insecure: z.boolean().default(false).describe('Talks to the collector without TLS.'),
    headers: z
      .record(z.string(), z.string())
      .optional()
      .describe('Headers of every export, readable by all who may read this object: none for credentials.'),
    sensitiveHeaders: listMap(z.array(sensitiveHeader), ['name'])
      .optional()
      .describe('Headers of every export whose values are kept in Secrets.'),
    resourceAttributes: z
      .record(z.string(), z.string())
      .optional()
      .describe('Attributes of everything that is exported, like the environment.'),
    metrics: z
      .object({ enabled: z.boolean().default(false).describe('Exports metrics.') })
      .optional()
      .describe('Metrics.'),
    tracing: z
      .object({
        enabled: z.boolean().default(false).describe('Exports traces.'),
        samplingRate: z
          .string()
          .regex(/^(0(\.\d+)?|1(\.0+)?)$/)
          .default('0.05')
          .describe('Share of requests that are traced, from 0 to 1.'),
      })
      .optional()
      .describe('Traces.'),
    useLegacyAttributes: z
      .boolean()
      .default(true)
      .describe('Writes attributes under their former names, too, for dashboards that know those.'),
    caBundleRef: caBundleSource.optional().describe('Certificate authorities to trust when talking to the collector.'),
  }),
  {
    rule: '!has(self.headers) || !has(self.sensitiveHeaders) || self.sensitiveHeaders.all(sh, !(sh.name in self.headers))',
    message: 'a header name cannot appear in both headers and sensitiveHeaders',
  },
);

/** Where workloads send their traces and metrics. */
export const MCPTelemetryConfig = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPTelemetryConfig',
  shortNames: ['mcpotel'],
  categories: ['toolhive'],
  description: 'Traces and metrics of proxies, shared by the workloads that refer to it.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec: z.object({
    openTelemetry: openTelemetry.optional().describe('Export to an OpenTelemetry collector (OTLP).'),
    prometheus: z
      .object({ enabled: z.boolean().default(false).describe('Serves /metrics on the port of the proxy.') })
      .optional()
      .describe('Metrics for Prometheus to fetch, whether or not anything is exported.'),
  }),
  status: sharedConfigStatus(),
  columns: [
    column('Endpoint', '.spec.openTelemetry.endpoint'),
    conditionColumn('Valid'),
    column('Tracing', '.spec.openTelemetry.tracing.enabled', { type: 'boolean' }),
    column('Metrics', '.spec.openTelemetry.metrics.enabled', { type: 'boolean' }),
    column('References', '.status.referenceCount', { type: 'integer' }),
    ageColumn(),
  ],
});
export type MCPTelemetryConfig = ObjectOf<typeof MCPTelemetryConfig>;
/** As stored: what has a default may be missing. */
export type OpenTelemetry = z.input<typeof openTelemetry>;

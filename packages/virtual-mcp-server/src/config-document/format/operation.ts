import { always, choice, duration, flag, integer, list, map, object, text } from './shape.js';

const requiredFlag = () => always(flag(), false);
const texts = () => list(text());
const namedTexts = () => map(text());

/** Section `operational`: timeouts, health checks, what becomes of failures. */
export const operational = object({
  logLevel: text(),
  timeouts: object({ default: duration(), perWorkload: map(duration()) }),
  failureHandling: object({
    healthCheckInterval: duration(),
    unhealthyThreshold: integer(),
    healthCheckTimeout: duration(),
    statusReportingInterval: duration(),
    partialFailureMode: text(),
    circuitBreaker: object({ enabled: flag(), failureThreshold: integer(), timeout: duration() }),
  }),
});

/** Section `telemetry`: where traces and metrics go. Values of sensitive headers come in the environment. */
export const telemetry = object({
  endpoint: text(),
  serviceName: text(),
  tracingEnabled: requiredFlag(),
  metricsEnabled: requiredFlag(),
  samplingRate: text(),
  headers: namedTexts(),
  insecure: flag(),
  enablePrometheusMetricsPath: flag(),
  customAttributes: namedTexts(),
  useLegacyAttributes: requiredFlag(),
  caCertPath: text(),
});

/** Section `audit`: what is written to the audit log. */
export const audit = object({
  enabled: flag(),
  component: text(),
  eventTypes: texts(),
  excludeEventTypes: texts(),
  includeRequestData: flag(),
  includeResponseData: flag(),
  detectApplicationErrors: choice(),
  maxDataSize: integer(),
  maxDelegationDepth: integer(),
  logFile: text(),
});

/** Section `optimizer`: a search over tools. */
export const optimizer = object({
  embeddingService: text(),
  embeddingServiceTimeout: duration(),
  embeddingProvider: text(),
  embeddingModel: text(),
  embeddingHeaders: namedTexts(),
  maxToolsToReturn: integer(),
  hybridSearchSemanticRatio: text(),
  semanticDistanceThreshold: text(),
});

/** Section `codeMode`: scripts that call tools. */
export const codeMode = object({
  enabled: flag(),
  stepLimit: integer(),
  parallelMaxConcurrency: integer(),
  toolCallTimeout: duration(),
});

/** Section `sessionStorage`; the password comes in the environment. */
export const sessionStorage = object({
  provider: always(text(), ''),
  address: text(),
  db: integer(),
  keyPrefix: text(),
});

const bucket = object({ maxTokens: always(integer(), 0), refillPeriod: always(duration(), '0s') });
const limits = { shared: bucket, perUser: bucket };

/** Section `rateLimiting`: how many calls are let through. */
export const rateLimiting = object({
  ...limits,
  tools: list(object({ name: always(text(), ''), ...limits })),
});

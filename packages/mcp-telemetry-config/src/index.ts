export { MCPTelemetryConfig } from './resource.js';
export { MCPTelemetryConfigReconciler } from './reconciler.js';
export { mcpTelemetryConfig } from './module.js';
export type { TelemetryUser } from './telemetry-user.js';
export { telemetryConfigSection, type TelemetryConfigSection } from './run-configuration.js';
export { telemetryEnvironment } from './environment.js';
export { telemetryCaBundle, telemetryCaBundleVerdict, type TelemetryCaBundle } from './ca-bundle.js';
export { telemetryReferenceWording } from './reference-wording.js';

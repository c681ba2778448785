export { WorkloadSettings, type WorkloadSettingsOptions } from './settings.js';
export { Platform } from './platform.js';
export { within } from './error-prefix.js';
export { missingContents, type MissingContent } from './missing-content.js';
export {
  embeddedAuthServerProblem,
  type EmbeddedAuthServerProblem,
  type EmbeddedAuthServerUser,
} from './embedded-auth-server-problem.js';
export { readConfigMap } from './read-config-map.js';

export { headerForwardProblem, type HeaderForwardAsStored } from './remote/header-forward.js';
export { remoteUrlProblem } from './remote/remote-url.js';

export { auditSchema } from './schemas/audit.js';
export { authzConfigSchema } from './schemas/authorization.js';
export { environmentSchema } from './schemas/environment.js';
export { headerForwardSchema, type HeaderForward } from './schemas/header-forward.js';
export { rateLimitingSchema } from './schemas/rate-limiting.js';
export {
  authServerRefSchema,
  authzConfigRefSchema,
  externalAuthConfigRefSchema,
  groupRefSchema,
  oidcConfigRefSchema,
  telemetryConfigRefSchema,
  toolConfigRefSchema,
  webhookConfigRefSchema,
} from './schemas/references.js';
export { resourceOverridesSchema } from './schemas/resource-overrides.js';
export { resourcesSchema } from './schemas/resources.js';
export { secretKeyRefSchema } from './schemas/secret-key-ref.js';
export { sessionStorageSchema } from './schemas/session-storage.js';

export {
  buildRunConfig,
  type ContainerBackend,
  type RemoteBackend,
  type RunConfigParts,
} from './run-config/build-run-config.js';
export {
  runConfigSchema,
  TRANSPORTS,
  type ProxyMode,
  type RunConfig,
  type Transport,
} from './run-config/run-config.js';
export type {
  AuthzSection,
  AwsStsSection,
  EmbeddedAuthServerSection,
  HeaderForwardSection,
  MiddlewareSection,
  OidcSection,
  PermissionProfileSection,
  RateLimitSection,
  RemoteAuthSection,
  ScalingSection,
  TelemetrySection,
  TokenExchangeSection,
  ToolsOverrideSection,
  WebhookSection,
} from './run-config/sections.js';
export { middlewareChain, type MiddlewareSource } from './run-config/middleware.js';
export { containerRunConfigProblem } from './run-config/validate-run-config.js';
export {
  CONTENT_CHECKSUM,
  contentChecksum,
  formatRunConfig,
  RUN_CONFIG_KEY,
  runConfigMap,
  runConfigMapName,
} from './run-config/run-config-map.js';
export {
  inlineAuthzDocument,
  inlineAuthzSection,
  parsedAuthzSection,
  type ClaimMapping,
  type InlineAuthz,
} from './run-config/authz.js';
export { builtinProfile, parseProfile } from './run-config/permission-profile.js';
export {
  countsUsers,
  rateLimitSection,
  refillPeriodProblem,
  type RateLimits,
  type TokenBucket,
} from './run-config/rate-limit.js';
export {
  scalingSection,
  sessionRedis,
  type DefaultRedis,
  type SessionRedis,
  type SessionStorage,
} from './run-config/scaling.js';

export {
  podPatch,
  POD_PATCH_ARGUMENT,
  podPatchContents,
  type HostVolume,
  type PodPatchParts,
} from './pod-template/pod-patch.js';
export { decodePodTemplate, PodTemplateError, type PodTemplate } from './pod-template/decode-pod-template.js';

export { overlay, workloadLabels } from './proxy/labels.js';
export { pullSecrets, type PullSecret } from './proxy/pull-secrets.js';
export {
  PROXY_CONTAINER,
  proxyDeployment,
  type DeploymentOverrides,
  type MountedVolume,
  type ProxyDeploymentParts,
} from './proxy/proxy-deployment.js';
export { proxyEnvironment, secretVariable, SESSION_REDIS_PASSWORD, type SecretKey } from './proxy/proxy-environment.js';
export { clusterUrl, proxyService, type ProxyServiceParts } from './proxy/proxy-service.js';
export { proxyReplicas, sessionStorageWarning, type ReplicaRules } from './proxy/replicas.js';
export { resourceRequirements, type WorkloadResources } from './proxy/resources.js';
export {
  authorizedAccount,
  PROXY_RUNNER_RULES,
  serviceAccount,
  type AuthorizedAccountParts,
} from './proxy/service-accounts.js';

export { summarizePods, type PodSummary } from './status/pod-summary.js';

export { goJson, sortedKeys } from './formats/go-json.js';
export { canonicalQuantity, QuantityError } from './formats/quantity.js';

export {
  playProxyRunner,
  PROXY_RUNNER_FIELD_MANAGER,
  proxyRunnerObjects,
  WORKLOAD_GENERATION,
  type ProxyRunnerInput,
  type StandInServer,
} from './proxy-runner-stand-in.js';

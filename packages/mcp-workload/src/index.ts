export { registerWorkloadServices } from './register-workload-services.js';
export { WorkloadSettings, type WorkloadSettingsOptions } from './settings.js';
export { Platform } from './platform.js';
export { within } from './error-prefix.js';
export { missingContents, type MissingContent } from './missing-content.js';
export { readConfigMap } from './read-config-map.js';
export { validSpec } from './valid-spec.js';
export { BUILD_CONFIGURATION, BUILD_DEPLOYMENT, createRunConfig } from './stages.js';

export type { ProxiedKind, ProxiedWorkload } from './proxied-workload.js';
export { proxiedReconciler, type ProxySources } from './proxied-reconciler.js';
export { proxyReferences, type ProxyReferenceOptions, type ProxyReferences } from './references/proxy-references.js';
export {
  externalAuthSummary,
  referenceSummaries,
  type ReferenceSummaries,
  type ReferenceSummary,
} from './references/reference-summary.js';

export { authzOf, authzSection, requireSoundPolicies, type AuthzSource } from './configs/authz-section.js';
export { proxyConfigs, type ConfigServices, type ProxyConfigs } from './configs/proxy-configs.js';
export { configDemands, podDemands, requireContents, type ContentDemand } from './configs/required-contents.js';

export {
  headerForwardEnv,
  headerForwardProblem,
  headerForwardSection,
  type HeaderForwardAsStored,
} from './remote/header-forward.js';
export { remoteUrlProblem } from './remote/remote-url.js';

export { auditSchema } from './schemas/audit.js';
export { authzConfigSchema } from './schemas/authorization.js';
export { environmentSchema } from './schemas/environment.js';
export { headerForwardSchema, type HeaderForward } from './schemas/header-forward.js';
export { oneAuthzSource, proxySpecFields, proxyStatusFields, type ProxySpec } from './schemas/proxy-fields.js';
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
export { proxiedRunConfigParts, type RunConfigSources } from './run-config/proxied-run-config.js';
export { middlewareChain, type MiddlewareSource } from './run-config/middleware.js';
export { containerRunConfigProblem, remoteRunConfigProblem } from './run-config/validate-run-config.js';
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
export { ofPodTemplate, POD_TEMPLATE_INVALID, podTemplateValid } from './pod-template/pod-template-valid.js';
export { mergePodTemplate, podTemplateHash } from './pod-template/strategic-merge.js';

export { RUN_CONFIG_CHECKSUM, SECRETS_DIGEST } from './proxy/annotations.js';
export { inlineAuthzMap } from './proxy/inline-authz.js';
export { overlay, workloadLabels, workloadsOf } from './proxy/labels.js';
export { pullSecrets, type PullSecret } from './proxy/pull-secrets.js';
export {
  PROXY_CONTAINER,
  proxyDeployment,
  type DeploymentOverrides,
  type MountedVolume,
  type ProxyDeployment,
  type ProxyDeploymentParts,
} from './proxy/proxy-deployment.js';
export { proxiedDeployment, type DeploymentSources, type OwnDeploymentParts } from './proxy/proxied-deployment.js';
export {
  proxyEnvironment,
  redisPassword,
  secretVariable,
  SESSION_REDIS_PASSWORD,
  type SecretKey,
} from './proxy/proxy-environment.js';
export { clusterUrl, proxyService, type ProxyServiceParts } from './proxy/proxy-service.js';
export { containerSecurityContext, podSecurityContext } from './proxy/security-context.js';
export { proxyReplicas, sessionStorageWarning, type ReplicaRules } from './proxy/replicas.js';
export { authzVolumes, configMapVolume, runConfigVolume } from './proxy/proxy-volumes.js';
export {
  LAST_PROCESSED_RESTART,
  lastRestart,
  RESTART_STRATEGY,
  RESTARTED_AT,
  type RestartMarks,
} from './proxy/restart.js';
export { requireFreeServices, requireUsableName } from './proxy/workload-names.js';
export { resourceRequirements, type WorkloadResources } from './proxy/resources.js';
export {
  authorizedAccount,
  PROXY_RUNNER_RULES,
  serviceAccount,
  type AuthorizedAccountParts,
} from './proxy/service-accounts.js';

export { primaryProviderIgnored } from './status/advisories.js';
export { isHeld, obstacleOf, type Obstacle } from './status/obstacle.js';
export { summarizePods, type PodSummary } from './status/pod-summary.js';

export { byBytes, goJson, sortedKeys } from './formats/go-json.js';
export { canonicalQuantity, QuantityError } from './formats/quantity.js';

export {
  playProxyRunner,
  PROXY_RUNNER_FIELD_MANAGER,
  proxyRunnerObjects,
  WORKLOAD_GENERATION,
  type ProxyRunnerInput,
  type StandInServer,
} from './proxy-runner-stand-in.js';

export { embeddedAuthServerSchema, type EmbeddedAuthServer } from './schema/embedded-auth-server-schema.js';
export {
  providerName as providerNameSchema,
  secretKeyRef as secretKeyRefSchema,
  type SecretKeyRef,
} from './schema/common-schemas.js';
export type { UpstreamProvider } from './schema/upstream-provider-schema.js';

export { AuthServerConfigError, under, type AuthServerProblem } from './validation/auth-server-problem.js';
export { authServerProblem, isPlainHttpIssuer } from './validation/server-problem.js';
export { confidentialClientsProblem } from './validation/confidential-clients-problem.js';
export { deploymentProblem as authServerRunConfigProblem } from './validation/deployment-problem.js';
export { claimsMatcherProblem } from './claims-matcher.js';

export { authServerRunConfig } from './run-config/build-run-config.js';
export type { AuthServerDeployment } from './run-config/deployment.js';
export type { AuthServerRunConfig, UpstreamSection } from './run-config/run-config.js';
export { authServerEnv, authServerVolumeMounts, authServerVolumes } from './pod-parts.js';

export {
  BASELINE_SCOPE_NOT_SUPPORTED,
  baselineScopesProblem,
  baselineScopesVerdict,
  DEFAULT_SCOPES,
  supportedScopesTold,
  type AuthServerUser,
} from './baseline-scopes.js';
export { identitySynthesizedVerdict } from './identity-synthesized.js';
export { keyMaterialProblem, keyMaterialVerdict } from './key-material.js';
export { redirectUriVerdict } from './redirect-reachability.js';
export {
  authServerIntegrationProblem,
  upstreamInjectProblem,
  type AuthServerIntegration,
  type UpstreamInject,
} from './integration-problem.js';

export { MCPOIDCConfig } from './resource.js';
export { MCPOIDCConfigReconciler } from './reconciler.js';
export { mcpOidcConfig } from './module.js';
export { resolveOidc, type OidcReference, type ResolvedOidc } from './resolved-oidc.js';
export { OIDC_CLIENT_SECRET, oidcConfigSection, type OidcConfigSection } from './run-configuration.js';
export { incomingOidc, VMCP_OIDC_CLIENT_SECRET, type IncomingOidc } from './incoming-oidc.js';
export { oidcCaBundle, oidcCaBundleVerdict, type OidcCaBundle } from './ca-bundle.js';
export { oidcReferenceWording } from './reference-wording.js';

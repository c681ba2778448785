export { MCPRemoteProxy } from './resource.js';
export { MCPRemoteProxyReconciler } from './reconciler.js';
export { mcpRemoteProxy } from './module.js';
export {
  authServerRef,
  authzConfigRef,
  externalAuthRef,
  groupRef,
  oidcConfigRef,
  telemetryConfigRef,
  toolConfigRef,
} from './references.js';

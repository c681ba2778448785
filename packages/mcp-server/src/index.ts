export { MCPServer } from './resource.js';
export { MCPServerReconciler } from './reconciler.js';
export { mcpServer } from './module.js';
export {
  authServerRef,
  authzConfigRef,
  externalAuthRef,
  groupRef,
  oidcConfigRef,
  telemetryConfigRef,
  toolConfigRef,
  webhookConfigRef,
} from './references.js';
export { LAST_PROCESSED_RESTART, RESTART_STRATEGY, RESTARTED_AT } from '@trueup/mcp-workload';

export { MCPServer } from './resource.js';
export { MCPServerReconciler } from './reconciler.js';
export { mcpServer } from './module.js';
export { externalAuthRef } from './external-auth-ref.js';
export { LAST_PROCESSED_RESTART, RESTART_STRATEGY, RESTARTED_AT } from './annotations.js';

export { MCPServerEntry } from './resource.js';
export { MCPServerEntryReconciler } from './reconciler.js';
export { mcpServerEntry } from './module.js';
export { externalAuthRef } from './external-auth-ref.js';
export { entryGroupRef } from './group-ref.js';

export { MCPGroup } from './resource.js';
export { MCPGroupReconciler } from './reconciler.js';
export { mcpGroup } from './module.js';
export { groupRef, type GroupMember, type GroupRefMessages, type GroupRefOptions } from './group-ref.js';

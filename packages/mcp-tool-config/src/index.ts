export { MCPToolConfig, type ToolOverride } from './resource.js';
export { MCPToolConfigReconciler } from './reconciler.js';
export { mcpToolConfig } from './module.js';
export { annotationsNotApplied, workloadTools, type WorkloadTools } from './workload-tools.js';
export { completedSelection, type ToolSelection } from './tool-selection.js';
export { toolReferenceWording } from './reference-wording.js';

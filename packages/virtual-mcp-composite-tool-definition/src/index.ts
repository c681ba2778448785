export { VirtualMCPCompositeToolDefinition } from './resource.js';
export { VirtualMCPCompositeToolDefinitionReconciler } from './reconciler.js';
export { virtualMcpCompositeToolDefinition } from './module.js';
export { compositeToolSchema, type CompositeTool, type CompositeToolStep } from './composite-tool-schema.js';
export { toolAnnotationsSchema } from './tool-annotations-schema.js';
export { compositeToolProblem, compositeToolProblems } from './validation/composite-tool-problems.js';
export type { CompositeToolProblem } from './validation/composite-tool-problem.js';

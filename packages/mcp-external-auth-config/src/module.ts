import { defineModule } from '@trueup/core';
import { MCPExternalAuthConfigReconciler } from './reconciler.js';
import { MCPExternalAuthConfig } from './resource.js';

/** The MCPExternalAuthConfig kind and its behaviour. Register an `OboHandler` of your own to support type `obo`. */
export const mcpExternalAuthConfig = defineModule({
  name: '@trueup/mcp-external-auth-config',
  kinds: [MCPExternalAuthConfig],
  reconcilers: [MCPExternalAuthConfigReconciler],
});

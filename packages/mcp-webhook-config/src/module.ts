import { defineModule } from '@trueup/core';
import { MCPWebhookConfigReconciler } from './reconciler.js';
import { MCPWebhookConfig } from './resource.js';

/** The MCPWebhookConfig kind and its behaviour. */
export const mcpWebhookConfig = defineModule({
  name: '@trueup/mcp-webhook-config',
  kinds: [MCPWebhookConfig],
  reconcilers: [MCPWebhookConfigReconciler],
});

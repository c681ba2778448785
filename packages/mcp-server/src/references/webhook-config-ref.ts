import { configRef } from '@trueup/core';
import { MCPWebhookConfig, webhookReferenceWording } from '@trueup/mcp-webhook-config';
import { MCPServer } from '../resource.js';

/** The webhooks that the proxy of a server asks about every request. */
export const webhookConfigRef = configRef({
  from: MCPServer,
  to: MCPWebhookConfig,
  name: (server) => server.spec.webhookConfigRef?.name,
  condition: 'WebhookConfigValidated',
  hash: 'webhookConfigHash',
  wording: webhookReferenceWording,
});

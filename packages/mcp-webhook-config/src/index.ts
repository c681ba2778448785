export { MCPWebhookConfig, type SecretKeyRef, type Webhook } from './resource.js';
export { MCPWebhookConfigReconciler } from './reconciler.js';
export { mcpWebhookConfig } from './module.js';
export { workloadWebhooks, type WebhookSettings, type WorkloadWebhooks } from './workload-webhooks.js';
export { webhookReferenceWording } from './reference-wording.js';

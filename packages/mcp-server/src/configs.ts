import type { Context } from '@trueup/core';
import { workloadWebhooks, type WorkloadWebhooks } from '@trueup/mcp-webhook-config';
import {
  configDemands,
  createRunConfig,
  proxyConfigs,
  within,
  type ConfigServices,
  type ContentDemand,
  type ProxyConfigs,
} from '@trueup/mcp-workload';
import { PROXIED, webhookConfigRef } from './references.js';
import type { MCPServer } from './resource.js';

/** What the configs that a server refers to bring into its proxy. */
export interface ServerConfigs extends ProxyConfigs {
  readonly webhooks?: WorkloadWebhooks;
}

const PROCESS_WEBHOOKS = `${createRunConfig('MCPServer')}failed to process WebhookConfig: `;

/**
 * Puts together what the configs bring; all references of the server are usable, or it would not be applied.
 * @throws {@link SpecError} for a config that nothing can be made of.
 */
export function serverConfigs(
  server: MCPServer,
  references: Pick<Context, 'reference'>,
  services: ConfigServices,
): ServerConfigs {
  const webhook = references.reference(webhookConfigRef);
  return {
    ...proxyConfigs(server, references, { proxied: PROXIED, services }),
    ...(webhook.state === 'usable' && {
      webhooks: within(PROCESS_WEBHOOKS, () => workloadWebhooks(webhook.config)),
    }),
  };
}

/** The Secret keys that the pods of the proxy do not start without. */
export function serverDemands(server: MCPServer, configs: ServerConfigs): readonly ContentDemand[] {
  return [
    ...configDemands(configs, PROXIED, server),
    {
      contents: configs.webhooks?.contents ?? [],
      what: 'webhook secret',
      stage: PROCESS_WEBHOOKS,
      condition: webhookConfigRef.condition,
    },
  ];
}

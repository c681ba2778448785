import { contentRefsOf, SpecError, type ContentRef, type Context, type EnvVar } from '@trueup/core';
import { formatName } from '@trueup/kube';
import { missingContents, type MissingContent } from '@trueup/mcp-workload';
import type { ProxyConfigs } from './proxy-configs.js';
import { externalAuthRef } from './references/external-auth-ref.js';
import { oidcConfigRef } from './references/oidc-config-ref.js';
import { telemetryConfigRef } from './references/telemetry-config-ref.js';
import { webhookConfigRef } from './references/webhook-config-ref.js';
import { BUILD_DEPLOYMENT, CREATE_RUN_CONFIG } from './stages.js';

/** Secret and ConfigMap keys that pods do not start without, and how to say that one is missing. */
interface Demand {
  readonly contents: readonly ContentRef[];
  /** What they are: begins the messages. */
  readonly what: string;
  /** Where building stops, for the summary. */
  readonly stage: string;
  /** The condition of the reference that brought them. */
  readonly condition?: string;
}

/** What the configs of a server demand, then what its own spec does. */
export interface SecretDemands {
  readonly configs: ProxyConfigs;
  readonly redisPassword?: EnvVar;
  readonly backend: readonly ContentRef[];
}

/**
 * Makes sure that everything is there without which the pods would not start; what runs keeps running until it is. What it
 * holds is not looked at.
 *
 * @throws {@link SpecError} when a Secret, a ConfigMap or a key in it is missing; the server is reconciled when it appears.
 */
export async function requireSecrets(demands: SecretDemands, namespace: string, ctx: Context): Promise<void> {
  const all = demandsOf(demands);
  // Everything is looked up at once; what is not known yet ends the pass here.
  ctx.contents(all.flatMap(({ contents }) => contents));
  for (const demand of all) {
    const missing = await missingContents(demand.contents, namespace, ctx);
    if (missing.length > 0) throw refusal(demand, missing, namespace);
  }
}

function demandsOf({ configs, redisPassword, backend }: SecretDemands): readonly Demand[] {
  const { telemetry, externalAuth, webhooks, oidc } = configs;
  return [
    {
      contents: contentsOf(telemetry?.env),
      what: 'telemetry header secret',
      stage: `${CREATE_RUN_CONFIG}failed to process TelemetryConfig: `,
      condition: telemetryConfigRef.condition,
    },
    {
      contents: contentsOf(externalAuth?.env),
      what: 'client secret',
      stage: `${CREATE_RUN_CONFIG}failed to process ExternalAuthConfig: `,
      condition: externalAuthRef.condition,
    },
    {
      contents: webhooks?.contents ?? [],
      what: 'webhook secret',
      stage: `${CREATE_RUN_CONFIG}failed to process WebhookConfig: `,
      condition: webhookConfigRef.condition,
    },
    {
      contents: contentsOf(oidc?.env),
      what: 'OIDC client secret',
      stage: `${CREATE_RUN_CONFIG}failed to resolve OIDC config from MCPOIDCConfig: `,
      condition: oidcConfigRef.condition,
    },
    {
      contents: contentsOf(redisPassword && [redisPassword]),
      what: 'Redis password',
      stage: BUILD_DEPLOYMENT,
    },
    { contents: backend, what: 'backend pod content', stage: BUILD_DEPLOYMENT },
  ];
}

function contentsOf(env: readonly EnvVar[] = []): readonly ContentRef[] {
  return contentRefsOf({ containers: [{ name: 'any', env }] });
}

function refusal({ what, stage, condition }: Demand, missing: readonly MissingContent[], namespace: string): SpecError {
  const message = missing.map((content) => problem(what, content, namespace)).join('; ');
  const reason = missing.some((content) => content.missing === 'object') ? 'SecretNotFound' : 'SecretKeyMissing';
  return new SpecError(`${stage}${message}`, {
    ...(condition !== undefined && { condition: { type: condition, reason } }),
    conditionMessage: message,
  });
}

function problem(what: string, { kind, name, key, missing }: MissingContent, namespace: string): string {
  const place = formatName({ name, namespace });
  return missing === 'object'
    ? `failed to get ${what} ${place}: ${kind} "${name}" not found`
    : `${what} ${place} is missing key "${key}"`;
}

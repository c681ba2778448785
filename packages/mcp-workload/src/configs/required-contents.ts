import { SpecError, type ContentRef, type Context, type EnvVar } from '@trueup/core';
import { formatName } from '@trueup/kube';
import { missingContents, type MissingContent } from '../missing-content.js';
import type { ProxiedKind, ProxiedWorkload } from '../proxied-workload.js';
import { podContents } from '../proxy/pod-contents.js';
import { BUILD_DEPLOYMENT, createRunConfig } from '../stages.js';
import type { ProxyConfigs } from './proxy-configs.js';

/** Secret and ConfigMap keys that pods do not start without, and how to say that one is missing. */
export interface ContentDemand {
  readonly contents: readonly ContentRef[];
  /** What they are: begins the messages. */
  readonly what: string;
  /** Where building stops, for the status message. */
  readonly stage: string;
  /** The condition of the reference that brought them. */
  readonly condition?: string;
}

/** What the configs of a workload demand. */
export function configDemands<W extends ProxiedWorkload>(
  { telemetry, externalAuth, oidc, authServer }: ProxyConfigs,
  { kind, references }: ProxiedKind<W>,
  workload: W,
): readonly ContentDemand[] {
  const create = createRunConfig(kind.resource.kind);
  const isByAuthServerRef = workload.spec.authServerRef !== undefined;
  return [
    {
      contents: podContents(telemetry?.env),
      what: 'telemetry header secret',
      stage: `${create}failed to process TelemetryConfig: `,
      condition: references.telemetryConfigRef.condition,
    },
    {
      contents: podContents(externalAuth?.env),
      what: externalAuth?.secret ?? '',
      stage: `${create}failed to process ExternalAuthConfig: `,
      condition: references.externalAuthRef.condition,
    },
    {
      contents: podContents(authServer?.env, authServer?.volumes),
      what: 'auth server secret',
      stage: `${create}failed to process ${isByAuthServerRef ? 'authServerRef' : 'ExternalAuthConfig'}: `,
      condition: (isByAuthServerRef ? references.authServerRef : references.externalAuthRef).condition,
    },
    {
      contents: podContents(oidc?.env),
      what: 'OIDC client secret',
      stage: `${create}failed to resolve OIDC config from MCPOIDCConfig: `,
      condition: references.oidcConfigRef.condition,
    },
  ];
}

/** What the workload itself demands: the password of the Redis that holds its sessions, and what its pod template names. */
export function podDemands(
  redisPassword: readonly EnvVar[],
  pod: { readonly contents: readonly ContentRef[]; readonly what: string },
): readonly ContentDemand[] {
  return [
    { contents: podContents(redisPassword), what: 'Redis password', stage: BUILD_DEPLOYMENT },
    { ...pod, stage: BUILD_DEPLOYMENT },
  ];
}

/**
 * Makes sure that everything is there without which the pods would not start; what runs keeps running until it is. What it
 * holds is not looked at.
 *
 * @throws {@link SpecError} when a Secret, a ConfigMap or a key in it is missing; the workload is reconciled when it appears.
 */
export async function requireContents(
  demands: readonly ContentDemand[],
  namespace: string,
  ctx: Context,
): Promise<void> {
  // Everything is looked up at once; what is not known yet ends the pass here.
  ctx.contents(demands.flatMap(({ contents }) => contents));
  for (const demand of demands) {
    const missing = await missingContents(demand.contents, namespace, ctx);
    if (missing.length > 0) throw refusal(demand, missing, namespace);
  }
}

function refusal(
  { what, stage, condition }: ContentDemand,
  missing: readonly MissingContent[],
  namespace: string,
): SpecError {
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

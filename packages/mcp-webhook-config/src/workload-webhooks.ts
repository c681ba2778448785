import { parseGoDuration, SpecError, type ContentRef, type Volume, type VolumeMount } from '@trueup/core';
import type { MCPWebhookConfig, Webhook } from './resource.js';
import { secretFiles, webhookFiles } from './secret-files.js';
import { specProblem } from './spec-problem.js';
import type { WebhookKind } from './stored.js';

/** What a config brings into the proxy of a workload that refers to it. */
export interface WorkloadWebhooks {
  /** The sections `validating_webhooks` and `mutating_webhooks` of the run configuration, in the order of the config. */
  readonly validating: readonly WebhookSettings[];
  readonly mutating: readonly WebhookSettings[];
  /** One volume and mount for each Secret key, in the order of their identifiers. */
  readonly volumes: readonly { readonly volume: Volume; readonly mount: Omit<VolumeMount, 'name'> }[];
  /** The Secret keys; a change of their content takes new pods. */
  readonly contents: readonly ContentRef[];
}

/** One webhook as the proxy reads it. */
export interface WebhookSettings {
  name: string;
  url: string;
  /** Nanoseconds; 0 for the proxy's default of 10 s. */
  timeout: number;
  failure_policy: string;
  tls_config?: {
    ca_bundle_path?: string;
    client_cert_path?: string;
    client_key_path?: string;
    insecure_skip_verify?: boolean;
  };
  hmac_secret_ref?: string;
}

/**
 * What a config brings into a proxy.
 * @throws {@link SpecError} for a spec that is not valid: nothing must run without the webhooks that are asked for.
 */
export function workloadWebhooks({ spec }: Pick<MCPWebhookConfig, 'spec'>): WorkloadWebhooks {
  const problem = specProblem(spec);
  if (problem !== undefined) throw new SpecError(problem);
  const byIdentifier = new Map(secretFiles(spec).map((file) => [file.identifier, file]));
  const files = [...byIdentifier.values()].sort((a, b) => (a.identifier < b.identifier ? -1 : 1));
  return {
    validating: (spec.validating ?? []).map((webhook) => settings('validating', webhook)),
    mutating: (spec.mutating ?? []).map((webhook) => settings('mutating', webhook)),
    volumes: files.map(({ volume, mount }) => ({ volume, mount })),
    contents: files.map(({ secret }) => secret),
  };
}

function settings(kind: WebhookKind, webhook: Webhook): WebhookSettings {
  const { name, url, timeout = '0s', failurePolicy, tlsConfig } = webhook;
  const { hmac, ca, clientCert, clientKey } = webhookFiles(kind, webhook);
  return {
    name,
    url,
    timeout: Number(parseGoDuration(timeout)),
    failure_policy: (failurePolicy ?? 'fail').toLowerCase(),
    ...(tlsConfig && {
      tls_config: {
        ...(ca && { ca_bundle_path: ca.mount.mountPath }),
        ...(clientCert && { client_cert_path: clientCert.mount.mountPath }),
        ...(clientKey && { client_key_path: clientKey.mount.mountPath }),
        ...(tlsConfig.insecureSkipVerify && { insecure_skip_verify: true }),
      },
    }),
    ...(hmac && { hmac_secret_ref: hmac.mount.mountPath }),
  };
}

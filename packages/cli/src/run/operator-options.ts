import { readFileSync } from 'node:fs';
import type { OperatorOptions, WebhookAddress, WebhookServerOptions } from '@trueup/core';
import { leaseOf, type OperatorApplication } from '../application.js';
import { CommandError } from '../command-error.js';
import { enabledFeatures } from '../features.js';
import type { RunOptions } from './run-options.js';

/**
 * What an operator is made with, wherever it runs.
 *
 * @param namespaces - Those it is limited to; empty for all.
 * @throws {@link CommandError} for a feature that cannot be turned on or off, and for a token that cannot be read.
 */
export function operatorOptions(
  application: OperatorApplication,
  options: RunOptions,
  namespaces: readonly string[] = [],
): OperatorOptions {
  const { leaderElect, shard, metricsBindAddress, healthProbeBindAddress, profileTokenFile } = options;
  const { name, modules, features = [], register, formerManagers } = application;
  return {
    name,
    modules: [...modules, ...enabledFeatures(features, process.env, namespaces).flatMap((feature) => feature.modules)],
    namespaces,
    leaderElection: leaderElect && { name: leaseOf(application) },
    ...(shard && { shard }),
    metricsBindAddress,
    ...(profileTokenFile !== undefined && { profileToken: readToken(profileTokenFile) }),
    healthProbeBindAddress,
    ...webhookOptions(options),
    ...(register === undefined ? {} : { register }),
    ...(formerManagers === undefined ? {} : { formerManagers }),
  };
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (cause) {
    throw new CommandError(`--profile-token-file ${file}: the file cannot be read`, { cause });
  }
}

function webhookOptions(options: RunOptions): { readonly webhooks?: WebhookServerOptions } {
  const { webhookBindAddress: bindAddress, webhookCertificates: certificateFolder } = options;
  if (bindAddress === '' || bindAddress === '0') return {};
  const address = webhookAddress(options);
  return { webhooks: { bindAddress, address, ...(certificateFolder === undefined ? {} : { certificateFolder }) } };
}

/** How the API server reaches the webhooks: the embedded one on this machine, that of a cluster as it is told. */
function webhookAddress({ webhookUrl, webhookService, inCluster, kubeconfig }: RunOptions): WebhookAddress {
  if (webhookUrl !== undefined) return { url: webhookUrl };
  if (!inCluster && kubeconfig === undefined) return 'local';
  return { service: webhookService === undefined ? {} : { name: webhookService } };
}

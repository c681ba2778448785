import type { Context } from '@trueup/core';
import type { StoredServer } from '../stored-server.js';
import { primaryProvider } from './primary-provider.js';

interface Advice {
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** Warns of what works and is better said otherwise, once for each generation of the spec. */
export function adviseOnSpec(
  server: StoredServer & { readonly status?: { readonly observedGeneration?: number | undefined } | undefined },
  ctx: Pick<Context, 'event'>,
): void {
  if (server.status?.observedGeneration === server.metadata.generation) return;
  for (const advice of adviceOn(server)) ctx.event({ type: 'Warning', ...advice });
}

function adviceOn({ spec }: StoredServer): readonly Advice[] {
  const { embeddingServerRef, config: { optimizer } = {} } = spec;
  const isManual = Boolean(optimizer?.embeddingService);
  const embeddingServer = embeddingServerRef?.name;
  return [
    ...(spec.incomingAuth?.authzConfig && primaryProvider(spec)?.isDeprecated ? [DEPRECATED_PROVIDER] : []),
    ...(isManual && !embeddingServer ? [MANUAL_SERVICE] : []),
    ...(isManual && embeddingServer ? [overriddenService(embeddingServer)] : []),
  ];
}

const DEPRECATED_PROVIDER: Advice = {
  reason: 'AuthzPrimaryUpstreamProviderDeprecated',
  action: 'ResolvePrimaryUpstreamProvider',
  note: 'spec.incomingAuth.authzConfig.inline.primaryUpstreamProvider is deprecated; move the value to spec.authServerConfig.primaryUpstreamProvider',
};

const MANUAL_SERVICE: Advice = {
  reason: 'EmbeddingServiceManual',
  action: 'ValidateEmbeddingService',
  note: 'config.optimizer.embeddingService is set without embeddingServerRef; specifying an embeddingServerRef is the recommended configuration',
};

const overriddenService = (name: string): Advice => ({
  reason: 'EmbeddingServiceOverridden',
  action: 'ResolveEmbeddingService',
  note: `config.optimizer.embeddingService will be replaced by EmbeddingServerRef ${JSON.stringify(name)} URL`,
});

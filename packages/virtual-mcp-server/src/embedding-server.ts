import { verdict, type Context, type KindOf, type Verdict } from '@trueup/core';
import type { KubernetesObject } from '@trueup/kube';
import type { VirtualMCPServer } from './resource.js';

/** A service that turns texts into vectors, run by another operator. Only what is looked at here has types. */
export interface EmbeddingServer extends KubernetesObject {
  readonly status?: { readonly phase?: string; readonly readyReplicas?: number; readonly url?: string };
}

export const EmbeddingServer: KindOf<EmbeddingServer> = {
  resource: {
    group: 'toolhive.stacklok.dev',
    version: 'v1beta1',
    kind: 'EmbeddingServer',
    plural: 'embeddingservers',
    namespaced: true,
  },
};

/** The EmbeddingServer that a server names; undefined when it names none or there is none. */
export function embeddingServerOf(
  { embeddingServerRef }: VirtualMCPServer['spec'],
  ctx: Pick<Context, 'get'>,
): EmbeddingServer | undefined {
  return embeddingServerRef?.name ? ctx.get(EmbeddingServer, embeddingServerRef.name) : undefined;
}

/** The condition `EmbeddingServerReady`; absent for a server that names none. */
export function embeddingServerReady(spec: VirtualMCPServer['spec'], ctx: Pick<Context, 'get'>): Verdict {
  const name = spec.embeddingServerRef?.name;
  if (!name) return verdict.absent;
  const found = embeddingServerOf(spec, ctx);
  if (found === undefined) {
    return verdict.false('EmbeddingServerNotFound', `Referenced EmbeddingServer ${name} not found`);
  }
  const { phase, readyReplicas = 0 } = found.status ?? {};
  if (phase === 'Failed') return verdict.false('EmbeddingServerFailed', `EmbeddingServer ${name} has failed`);
  if (phase === 'Ready' && readyReplicas > 0) {
    return verdict.true('EmbeddingServerReady', 'EmbeddingServer is ready');
  }
  return verdict.false('EmbeddingServerNotReady', 'EmbeddingServer is not yet ready');
}

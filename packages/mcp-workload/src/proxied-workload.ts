import type { ConditionStatus, KindOf, KubernetesObject, ObjectMeta } from '@trueup/core';
import type { ProxyReferences } from './references/proxy-references.js';
import type { ProxySpec } from './schemas/proxy-fields.js';

/** An object that gets a proxy of its own, as far as its kinds are alike: an MCPServer, an MCPRemoteProxy. */
export interface ProxiedWorkload extends KubernetesObject {
  readonly metadata: ObjectMeta;
  readonly spec: ProxySpec;
  readonly status?: ProxiedWorkloadStatus | undefined;
}

export interface ProxiedWorkloadStatus {
  readonly phase?: string | undefined;
  readonly message?: string | undefined;
  readonly url?: string | undefined;
  readonly conditions?: readonly ConditionStatus[] | undefined;
}

/** What tells such kinds apart. */
export interface ProxiedKind<W extends ProxiedWorkload> {
  readonly kind: KindOf<W>;
  /** Name of the controller, under which it applies fields. */
  readonly controller: string;
  readonly references: ProxyReferences<W>;
  /** Where clients in the cluster reach the proxy of a workload, and its resource URL unless its spec says another. */
  proxyUrl(workload: W): string;
  /** Labels of everything around a workload, and of the proxy's pods. */
  labels(workload: string): Readonly<Record<string, string>>;
}

import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { leaseTiming, type LeaseTiming } from './lease-timing.js';

/** How replicas of an operator agree on the one that works. Durations are in milliseconds. */
export interface LeaderElectionOptions extends Partial<LeaseTiming> {
  /** Name of the Lease. Default: the operator's name plus `-leader-election`, and the name of its shard. */
  readonly name?: string;
  /** Its namespace. Default: the environment's `POD_NAMESPACE`, else the connection's. */
  readonly namespace?: string;
  /** What this replica calls itself; unlike all others. Default: the host's name and a random part. */
  readonly identity?: string;
  /**
   * The compiled `@trueup/core/lease-worker`; needed only when the operator is bundled into one file, which has no other
   * file to start a thread with.
   */
  readonly workerFile?: URL;
}

/** Everything decided. */
export interface LeaderElectionSettings {
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly identity: string;
  readonly timing: LeaseTiming;
  readonly workerFile: URL;
}

/** The Lease of all replicas, or of those of a shard. */
export function leaseName(name: string, shard: string | undefined): string {
  return shard === undefined ? name : `${name}-${shard}`;
}

/** @throws {@link OptionError} for durations that do not fit together. */
export function leaderElectionSettings(
  options: LeaderElectionOptions,
  around: {
    readonly operatorName: string;
    readonly shard?: string;
    readonly connectionNamespace: string;
    readonly podNamespace: string | undefined;
  },
): LeaderElectionSettings {
  const podNamespace = around.podNamespace === '' ? undefined : around.podNamespace;
  return {
    lease: {
      namespace: options.namespace ?? podNamespace ?? around.connectionNamespace,
      name: leaseName(options.name ?? `${around.operatorName}-leader-election`, around.shard),
    },
    identity: options.identity ?? `${hostname()}_${randomUUID()}`,
    timing: leaseTiming(options),
    workerFile: options.workerFile ?? new URL('./lease-worker.js', import.meta.url),
  };
}

import type { Client, Clock, ClusterConnection } from '@trueup/kube';
import type { Logger } from 'pino';
import type { DependencyContainer } from '../dependency-injection.js';
import type { LeaderElectionOptions } from '../leader-election/leader-election-options.js';
import type { WebhookServerOptions } from '../webhooks/webhook-server-options.js';
import type { OperatorModule } from './module.js';
import type { ShardOptions } from './shard.js';

export interface OperatorOptions {
  readonly modules: readonly OperatorModule[];
  /** The cluster. Default: what `loadCluster()` finds (KUBECONFIG, the pod's service account, ~/.kube/config). */
  readonly connection?: ClusterConnection;
  /** Watch these namespaces only. Default, and when there are none: all. */
  readonly namespaces?: readonly string[];
  /** Name in the User-Agent. Default `trueup`. */
  readonly name?: string;
  /**
   * Field managers of an operator that this one takes over from: what they set, on the objects themselves and on those made
   * for them, goes when this operator does not set it. Default none: fields that others set stay.
   */
  readonly formerManagers?: readonly string[];
  /** Overrides what the modules registered: the application's word is the last. */
  readonly register?: (container: DependencyContainer) => void;
  /** Default: pino on stderr at level `info`. */
  readonly logger?: Logger;
  /**
   * Key of the digests of referenced Secrets and ConfigMaps; the same for all replicas and restarts. Default: kept in the
   * Secret `trueup-digest-key` of the namespace the operator runs in, made there when it is first needed.
   */
  readonly digestKey?: string;
  /**
   * Lets several replicas run, of which one reconciles; the others stand by with filled caches. `true` takes the defaults.
   * Default false: this is the only one.
   */
  readonly leaderElection?: boolean | LeaderElectionOptions;
  /**
   * Has this instance handle a share of the objects, for more of them than one can. Default: all.
   */
  readonly shard?: ShardOptions;
  /**
   * Labels of every metric, to tell apart several operators of one process: `{ cluster: 'eu-1' }`. Default none.
   */
  readonly metricsLabels?: Readonly<Record<string, string>>;
  /**
   * Where `/metrics` is served for Prometheus, over plain HTTP: `:8080`, `127.0.0.1:8080`, or `0` for nowhere, which is the
   * default.
   */
  readonly metricsBindAddress?: string;
  /**
   * Who sends it as a bearer token gets CPU and heap profiles at `/debug/pprof/profile` and `/debug/pprof/heap`, beside
   * `/metrics`. At least 16 characters. Default: there are no profiles.
   */
  readonly profileToken?: string;
  /**
   * Where `/healthz` and `/readyz` are served: `:8081`, or `0` for nowhere, which is the default. Alive means that reconciles
   * heed their deadlines, whether or not the API server can be reached; ready means that every cache is filled and watched.
   */
  readonly healthProbeBindAddress?: string;
  /**
   * Serves what `@Validates`, `@Mutates` and the conversions of kinds declare, by every replica; `{}` takes the defaults.
   * Default: nothing is served, and nobody is asked.
   */
  readonly webhooks?: WebhookServerOptions;
  /** What backoffs, deadlines and timestamps go by. Default: the machine's. */
  readonly clock?: Clock;
  /** Spreads retries; from 0 to 1. Default: `Math.random`. */
  readonly random?: () => number;
}

/** How something is installed in a cluster. */
export interface InstallOptions {
  readonly signal?: AbortSignal;
  /** Who may do it. Default: the operator's own client, which may not where it has only the permissions that it needs to run. */
  readonly client?: Client;
}

/** How an operator is stopped. */
export interface StopOptions {
  /** How long reconciles that run may go on before they are aborted, in milliseconds. Default 0: they are aborted at once. */
  readonly graceMs?: number;
}

/** Deadlines, in milliseconds. */
export interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

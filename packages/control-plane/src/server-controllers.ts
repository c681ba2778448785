import type { Clock } from './clock.js';
import type { ServerController } from './controllers/api.js';
import type { GivenMetrics } from './controllers/autoscaling/given-metrics.js';
import { HorizontalPodAutoscaling } from './controllers/autoscaling/horizontal-pod-autoscaling.js';
import { CronJobController } from './controllers/cron-jobs/cron-job-controller.js';
import { DisruptionController } from './controllers/disruption/disruption-controller.js';
import { EventExpiry } from './controllers/event-expiry.js';
import { GarbageCollector } from './controllers/garbage-collector.js';
import { NamespaceController } from './controllers/namespace-controller.js';
import { QuotaController } from './controllers/quota-controller.js';
import { RoleAggregator } from './controllers/role-aggregator.js';
import { ServiceAccountController } from './controllers/service-account-controller.js';
import { WorkloadSimulator } from './controllers/workload-simulator.js';

/** Which controllers run. A real cluster's API server alone (as in envtest) has none of them. */
export interface ControllerSwitches {
  /** Empties and removes namespaces that are deleted. Default true. */
  readonly namespaces?: boolean;
  /** Deletes what has lost its owners. Default true. */
  readonly garbageCollection?: boolean;
  /** Gives each namespace its default service account and root certificate. Default true. */
  readonly serviceAccounts?: boolean;
  /** Fills ClusterRoles that gather their rules from others, such as `admin`, `edit` and `view`. Default true. */
  readonly roleAggregation?: boolean;
  /** Removes Events an hour after they were last written. Default true. */
  readonly eventExpiry?: boolean;
  /** Makes the Jobs of CronJobs when their time has come. Default true. */
  readonly cronJobs?: boolean;
  /** Keeps count for PodDisruptionBudgets, which evictions go by. Default true. */
  readonly disruption?: boolean;
  /** Keeps the status of ResourceQuotas, without which they limit nothing. Default true. */
  readonly quotas?: boolean;
  /** Sizes what HorizontalPodAutoscalers point at. Default true. */
  readonly autoscaling?: boolean;
  /** Plays Deployments, StatefulSets, Jobs and pods without running anything. Default true. */
  readonly workloads?: boolean;
}

export interface ControllerOptions {
  readonly switches: ControllerSwitches;
  /** PEM that pods would trust the server by; empty without TLS. */
  readonly caCertificate: string;
  readonly clock: Clock;
  /** What HorizontalPodAutoscalers go by. */
  readonly metrics: GivenMetrics;
}

export interface ServerControllers {
  readonly all: readonly ServerController[];
  /** Absent when it is switched off. */
  readonly workloads: WorkloadSimulator | undefined;
}

/** The controllers of kube-controller-manager that are switched on. */
export function makeControllers({ switches, caCertificate, clock, metrics }: ControllerOptions): ServerControllers {
  const { namespaces = true, garbageCollection = true, serviceAccounts = true, roleAggregation = true } = switches;
  const { eventExpiry = true, cronJobs = true, disruption = true, autoscaling = true, quotas = true } = switches;
  const now = { clock: () => clock.now() };
  const workloads = (switches.workloads ?? true) ? new WorkloadSimulator({ clock }) : undefined;
  return {
    all: [
      ...(namespaces ? [new NamespaceController(now)] : []),
      ...(garbageCollection ? [new GarbageCollector(now)] : []),
      ...(serviceAccounts ? [new ServiceAccountController({ caCertificate })] : []),
      ...(roleAggregation ? [new RoleAggregator()] : []),
      ...(eventExpiry ? [new EventExpiry(now)] : []),
      ...(cronJobs ? [new CronJobController({ clock })] : []),
      ...(disruption ? [new DisruptionController({ clock })] : []),
      ...(quotas ? [new QuotaController({ clock })] : []),
      ...(autoscaling ? [new HorizontalPodAutoscaling({ clock, metrics })] : []),
      ...(workloads ? [workloads] : []),
    ],
    workloads,
  };
}

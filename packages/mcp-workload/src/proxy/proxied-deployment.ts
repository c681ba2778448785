import type { ContentRef, Contents, Deployment, EnvVar } from '@trueup/core';
import type { ProxiedWorkload } from '../proxied-workload.js';
import type { WorkloadSettings } from '../settings.js';
import { RUN_CONFIG_CHECKSUM, SECRETS_DIGEST } from './annotations.js';
import { podContents } from './pod-contents.js';
import { proxyDeployment, type MountedVolume, type ProxyDeployment } from './proxy-deployment.js';
import { pullSecrets } from './pull-secrets.js';
import { proxyReplicas } from './replicas.js';
import { resourceRequirements } from './resources.js';
import type { RestartMarks } from './restart.js';

type Strings = Readonly<Record<string, string>>;

/** What the Deployment of a workload is made of, besides its spec. */
export interface DeploymentSources {
  readonly settings: WorkloadSettings;
  readonly openShift: boolean;
  /** Checksum of the run configuration. */
  readonly checksum: string;
  readonly restart: RestartMarks;
  /** The Deployment as it is. */
  readonly live: Deployment | undefined;
  readonly fieldManager: string;
  /** What is known of Secret and ConfigMap keys. */
  contents(refs: readonly ContentRef[]): Pick<Contents, 'digest'>;
}

/** What each kind says itself. */
export interface OwnDeploymentParts {
  readonly labels: Strings;
  readonly serviceAccountName: string;
  readonly args: readonly string[];
  readonly env: readonly EnvVar[];
  readonly volumes: readonly MountedVolume[];
  /** There must not be two proxies. */
  readonly isSingle?: boolean;
  readonly annotations?: Strings;
  readonly podAnnotations?: Strings;
  /** What the pods take in when they start, besides what `env` and `volumes` name. */
  readonly contents?: readonly ContentRef[];
  readonly readinessDelaySeconds?: number;
}

/**
 * The Deployment that runs the proxies of a workload; it is called like the workload. Changes of the run configuration and
 * of secrets restart its pods.
 *
 * @throws {@link SpecError} for resources that are not quantities, and as {@link proxyDeployment} does.
 */
export function proxiedDeployment(
  { metadata: { name }, spec }: ProxiedWorkload,
  own: OwnDeploymentParts,
  { settings, openShift, checksum, restart, live, fieldManager, contents }: DeploymentSources,
): ProxyDeployment {
  const overrides = spec.resourceOverrides?.proxyDeployment;
  const { digest } = contents([...podContents(own.env, own.volumes), ...(own.contents ?? [])]);
  return proxyDeployment({
    ...own,
    name,
    replicas: proxyReplicas({ replicas: spec.replicas, isSingle: own.isSingle ?? false, live, fieldManager }),
    overrides,
    annotations: { ...restart.deployment, ...own.annotations },
    podAnnotations: {
      ...restart.podTemplate,
      [RUN_CONFIG_CHECKSUM]: checksum,
      ...own.podAnnotations,
      ...(digest !== undefined && { [SECRETS_DIGEST]: digest }),
    },
    pullSecrets: pullSecrets(overrides?.imagePullSecrets, settings.pullSecrets),
    image: settings.runnerImage,
    port: spec.proxyPort,
    resources: resourceRequirements(spec.resources),
    openShift,
  });
}

import {
  SpecError,
  type DesiredObject,
  type EnvVar,
  type ResourceRequirements,
  type Volume,
  type VolumeMount,
} from '@trueup/core';
import { overlay } from './labels.js';
import type { PullSecret } from './pull-secrets.js';
import { containerSecurityContext, podSecurityContext } from './security-context.js';

type Strings = Readonly<Record<string, string>>;

/** Name of the container that runs the proxy. */
export const PROXY_CONTAINER = 'toolhive';

/** What users add to the metadata of a proxy's Deployment. */
export interface DeploymentOverrides {
  readonly labels?: Strings;
  readonly annotations?: Strings;
  readonly podTemplateMetadataOverrides?: { readonly labels?: Strings; readonly annotations?: Strings };
}

/** A volume and where the proxy sees it. */
export interface MountedVolume {
  readonly volume: Volume;
  readonly mount: Omit<VolumeMount, 'name'>;
}

export interface ProxyDeploymentParts {
  readonly name: string;
  /** Labels of the Deployment and its pods, and its selector. */
  readonly labels: Strings;
  /** Left to others when undefined. */
  readonly replicas?: number;
  readonly overrides?: DeploymentOverrides;
  /** The operator's own annotations; they win over the user's. */
  readonly annotations?: Strings;
  readonly podAnnotations: Strings;
  readonly serviceAccountName: string;
  readonly pullSecrets?: readonly PullSecret[];
  readonly image: string;
  readonly args: readonly string[];
  readonly port: number;
  readonly env: readonly EnvVar[];
  readonly resources?: ResourceRequirements;
  readonly volumes: readonly MountedVolume[];
  readonly openShift: boolean;
  /** How long the proxy has before it is asked for the first time whether it is ready. Default 5. */
  readonly readinessDelaySeconds?: number;
}

/** The Deployment of a proxy, so far as it can be built upon. */
export interface ProxyDeployment extends DesiredObject {
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly labels?: Strings; readonly annotations?: Strings };
      readonly spec: object;
    };
    readonly [field: string]: unknown;
  };
}

/**
 * The Deployment that runs the proxy of a workload.
 * @throws {@link SpecError} when two volumes have one name or one place.
 */
export function proxyDeployment(parts: ProxyDeploymentParts): ProxyDeployment {
  const { name, labels, replicas, overrides = {}, volumes } = parts;
  requireUnique(volumes);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata({ name }, overlay(overrides.labels, labels), overlay(overrides.annotations, parts.annotations)),
    spec: {
      ...(replicas !== undefined && { replicas }),
      selector: { matchLabels: labels },
      template: {
        metadata: metadata(
          {},
          overlay(overrides.podTemplateMetadataOverrides?.labels, labels),
          overlay(overrides.podTemplateMetadataOverrides?.annotations, parts.podAnnotations),
        ),
        spec: {
          serviceAccountName: parts.serviceAccountName,
          ...(parts.pullSecrets && { imagePullSecrets: parts.pullSecrets }),
          terminationGracePeriodSeconds: 30,
          securityContext: podSecurityContext(parts),
          containers: [container(parts)],
          volumes: volumes.map(({ volume }) => volume),
        },
      },
    },
  };
}

function metadata<T extends object>(identity: T, labels: Strings | undefined, annotations: Strings | undefined) {
  return { ...identity, ...(labels && { labels }), ...(annotations && { annotations }) };
}

function container({ readinessDelaySeconds = 5, ...parts }: ProxyDeploymentParts) {
  return {
    name: PROXY_CONTAINER,
    image: parts.image,
    args: parts.args,
    ports: [{ name: 'http', containerPort: parts.port, protocol: 'TCP' }],
    env: parts.env,
    ...(parts.resources && { resources: parts.resources }),
    volumeMounts: parts.volumes.map(({ volume, mount: { readOnly, ...mount } }) => ({
      name: volume.name,
      ...mount,
      // The server does not store `false`; stating it would look like a difference for ever.
      ...(readOnly === true && { readOnly }),
    })),
    startupProbe: probe({ periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 18 }),
    livenessProbe: probe({ initialDelaySeconds: 30, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3 }),
    readinessProbe: probe({
      initialDelaySeconds: readinessDelaySeconds,
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    }),
    securityContext: containerSecurityContext(parts),
  };
}

function probe(timing: Readonly<Record<string, number>>) {
  return { httpGet: { path: '/health', port: 'http' }, ...timing };
}

function requireUnique(volumes: readonly MountedVolume[]): void {
  const name = firstRepeated(volumes.map(({ volume }) => volume.name));
  if (name !== undefined)
    throw new SpecError(`two volumes of the proxy are called "${name}"; rename the one in spec.volumes`);
  const path = firstRepeated(volumes.map(({ mount }) => mount.mountPath));
  if (path !== undefined)
    throw new SpecError(`two volumes of the proxy are mounted at ${path}; move the one in spec.volumes`);
}

function firstRepeated(values: readonly string[]): string | undefined {
  return values.find((value, index) => values.indexOf(value) < index);
}

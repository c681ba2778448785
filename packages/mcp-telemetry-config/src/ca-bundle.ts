import { SpecError, verdict, type ConfigMap, type Verdict, type Volume, type VolumeMount } from '@trueup/core';
import type { MCPTelemetryConfig, OpenTelemetry } from './resource.js';

/** What is left of the 63 characters of a volume's name after the prefix `otel-ca-bundle-`. */
const MAX_NAME_LENGTH = 48;

/** What may stand in the name of a volume, unlike in that of a ConfigMap (RFC 1123 label). */
const VOLUME_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** The CA bundle of a config, as the proxy of a workload gets it. */
export interface TelemetryCaBundle {
  /** Name of the ConfigMap, in the namespace of the config. */
  readonly configMap: string;
  /** The key that holds the certificates. */
  readonly key: string;
  /** The file in the proxy's container. */
  readonly path: string;
  readonly volume: Volume;
  readonly mount: Omit<VolumeMount, 'name'>;
}

/**
 * The CA bundle a config brings into the proxy, whether or not anything is exported; undefined when it brings none.
 * @throws {@link SpecError} when it cannot be mounted, which is never so for a config that is `Valid`.
 */
export function telemetryCaBundle({ spec }: MCPTelemetryConfig): TelemetryCaBundle | undefined {
  const source = spec.openTelemetry?.caBundleRef;
  if (source === undefined) return undefined;
  const bundle = bundleOf(source);
  if ('problem' in bundle) throw new SpecError(bundle.problem);
  return bundle;
}

/** What is wrong with the CA bundle, in words for the author of the config; undefined when nothing is. */
export function caBundleProblem({ caBundleRef, insecure }: OpenTelemetry): string | undefined {
  if (caBundleRef === undefined) return undefined;
  if (insecure) {
    return 'openTelemetry.caBundleRef cannot be specified when insecure is true; they are mutually exclusive';
  }
  const bundle = bundleOf(caBundleRef);
  return 'problem' in bundle ? bundle.problem : undefined;
}

/**
 * Judges whether the CA bundle is there, for a condition of a workload that refers to a config. Advice only: the workload's
 * pod waits for its volume anyway.
 *
 * @param configMap - The ConfigMap that {@link telemetryCaBundle} names; undefined when it does not exist.
 */
export function telemetryCaBundleVerdict(config: MCPTelemetryConfig, configMap: ConfigMap | undefined): Verdict {
  const source = config.spec.openTelemetry?.caBundleRef;
  if (source === undefined) return verdict.absent;
  const bundle = bundleOf(source);
  if ('problem' in bundle) return verdict.false('CABundleRefInvalid', bundle.problem);
  const { configMap: name, key } = bundle;
  if (configMap === undefined) {
    const namespace = config.metadata.namespace ?? '';
    return verdict.false('CABundleRefNotFound', `CA bundle ConfigMap '${name}' not found in namespace '${namespace}'`);
  }
  if (configMap.data?.[key] === undefined) {
    return verdict.false('CABundleRefInvalid', `Key '${key}' not found in ConfigMap '${name}'`);
  }
  return verdict.true('CABundleRefValid', `CA bundle ConfigMap '${name}' is valid (key: ${key})`);
}

function bundleOf({
  configMapRef,
}: NonNullable<OpenTelemetry['caBundleRef']>): TelemetryCaBundle | { readonly problem: string } {
  const path = 'openTelemetry.caBundleRef.configMapRef';
  if (configMapRef === undefined) return { problem: `${path} must be specified` };
  const { name = '' } = configMapRef;
  const problem = nameProblem(name);
  if (problem !== undefined) return { problem: `${path}.name ${problem}` };
  const key = configMapRef.key || 'ca.crt';
  const mountPath = `/config/certs/otel/${name}`;
  return {
    configMap: name,
    key,
    path: `${mountPath}/${key}`,
    volume: { name: `otel-ca-bundle-${name}`, configMap: { name, items: [{ key, path: key }] } },
    mount: { mountPath, readOnly: true },
  };
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'must not be empty';
  const quoted = JSON.stringify(name);
  if (name.length > MAX_NAME_LENGTH) {
    return `${quoted} is too long (${name.length} chars); maximum is ${MAX_NAME_LENGTH}`;
  }
  return VOLUME_NAME.test(name) ? undefined : `${quoted} cannot be used in a volume name`;
}

import { SpecError, verdict, type ConfigMap, type Verdict, type Volume, type VolumeMount } from '@trueup/core';
import { MAX_BUNDLE_NAME_LENGTH } from './ca-bundle-schema.js';
import type { MCPOIDCConfig } from './resource.js';

type CaBundleSource = NonNullable<NonNullable<MCPOIDCConfig['spec']['inline']>['caBundleRef']>;

/** What may stand in the name of a volume, unlike in that of a ConfigMap (RFC 1123 label). */
const VOLUME_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;

/** `/config/certs/otel` is where the bundles of telemetry are; nothing can be mounted over them. */
const TELEMETRY_DIRECTORY = 'otel';

/** The CA bundle of a config, as the proxy of a workload gets it. */
export interface OidcCaBundle {
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
 * The CA bundle a config brings into the proxy; undefined when it brings none.
 * @throws {@link SpecError} when it cannot be mounted, which is never so for a config that is `Valid`.
 */
export function oidcCaBundle({ spec }: MCPOIDCConfig): OidcCaBundle | undefined {
  const source = sourceOf(spec);
  if (source === undefined) return undefined;
  const bundle = bundleOf(source);
  if ('problem' in bundle) throw new SpecError(bundle.problem);
  return bundle;
}

/** What is wrong with the place a CA bundle is to be taken from, in words for its author; undefined when nothing is. */
export function caBundleProblem(source: CaBundleSource): string | undefined {
  const bundle = bundleOf(source);
  return 'problem' in bundle ? bundle.problem : undefined;
}

/**
 * Judges the condition `CABundleRefValidated` of a workload that refers to a config. Advice only: the workload's pod waits
 * for its volume anyway.
 *
 * @param configMap - The ConfigMap that {@link oidcCaBundle} names; undefined when it does not exist.
 */
export function oidcCaBundleVerdict(config: MCPOIDCConfig, configMap: ConfigMap | undefined): Verdict {
  const source = sourceOf(config.spec);
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

function sourceOf(spec: MCPOIDCConfig['spec']): CaBundleSource | undefined {
  return spec.type === 'inline' ? spec.inline?.caBundleRef : undefined;
}

function bundleOf({ configMapRef }: CaBundleSource): OidcCaBundle | { readonly problem: string } {
  if (configMapRef === undefined) return { problem: 'configMapRef must be specified in caBundleRef' };
  const { name } = configMapRef;
  const problem = nameProblem(name);
  if (problem !== undefined) return { problem: `configMapRef.name ${problem}` };
  const key = configMapRef.key || 'ca.crt';
  const mountPath = `/config/certs/${name}`;
  return {
    configMap: name,
    key,
    path: `${mountPath}/${key}`,
    volume: { name: `oidc-ca-bundle-${name}`, configMap: { name, items: [{ key, path: key }] } },
    mount: { mountPath, readOnly: true },
  };
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'must be specified';
  const quoted = JSON.stringify(name);
  if (name.length > MAX_BUNDLE_NAME_LENGTH) {
    return `${quoted} is too long (${name.length} chars); maximum is ${MAX_BUNDLE_NAME_LENGTH} characters to fit in Kubernetes volume name`;
  }
  if (!VOLUME_NAME.test(name)) return `${quoted} cannot be used in a volume name`;
  if (name === TELEMETRY_DIRECTORY) return `${quoted} cannot be mounted beside the CA bundles of telemetry`;
  return undefined;
}

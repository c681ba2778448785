import { SpecError } from '@trueup/core';
import { oidcCaBundle } from './ca-bundle.js';
import { CLUSTER_ISSUER, type MCPOIDCConfig } from './resource.js';

const SERVICE_ACCOUNT_FILES = '/var/run/secrets/kubernetes.io/serviceaccount';

/** What a workload adds to the config it refers to: `oidcConfigRef` without the name. */
export interface OidcReference {
  readonly audience: string;
  readonly scopes?: readonly string[] | undefined;
  /** Where clients reach the workload; empty or absent takes the default. */
  readonly resourceUrl?: string | undefined;
}

/** How one workload checks the tokens of its callers. Texts are empty where nothing is set. */
export interface ResolvedOidc {
  readonly issuer: string;
  readonly audience: string;
  readonly scopes: readonly string[];
  readonly resourceUrl: string;
  /** Empty: discovered from the issuer. */
  readonly jwksUrl: string;
  readonly introspectionUrl: string;
  readonly clientId: string;
  /** The client's secret travels in the environment; this is where it is kept. */
  readonly clientSecret?: { readonly name: string; readonly key: string };
  /** File in the proxy's container with the certificate authorities to trust. */
  readonly caPath: string;
  /** File in the proxy's container with the bearer token for requests to the key set. */
  readonly tokenPath: string;
  readonly jwksAllowPrivateIp: boolean;
  readonly protectedResourceAllowPrivateIp: boolean;
  readonly insecureAllowHttp: boolean;
}

/**
 * Puts a config and a workload's reference to it together.
 *
 * @param defaultResourceUrl - Where clients reach the workload when the reference does not say: the URL of its Service.
 * @throws {@link SpecError} for a config that says nothing about its type or cannot be used. A workload must not be served
 *   then, since it would be served without authentication.
 */
export function resolveOidc(config: MCPOIDCConfig, reference: OidcReference, defaultResourceUrl: string): ResolvedOidc {
  const { audience, scopes = [], resourceUrl } = reference;
  return { ...providerOf(config), audience, scopes, resourceUrl: resourceUrl || defaultResourceUrl };
}

type Provider = Omit<ResolvedOidc, 'audience' | 'scopes' | 'resourceUrl'>;

function providerOf(config: MCPOIDCConfig): Provider {
  switch (config.spec.type) {
    case 'kubernetesServiceAccount':
      return clusterProvider(config.spec.kubernetesServiceAccount);
    case 'inline':
      return inlineProvider(config);
    default:
      throw new SpecError(`unknown MCPOIDCConfig type: ${String(config.spec.type)}`);
  }
}

function clusterProvider(cluster: MCPOIDCConfig['spec']['kubernetesServiceAccount']): Provider {
  const usesClusterAuth = cluster?.useClusterAuth !== false;
  return {
    issuer: cluster?.issuer || CLUSTER_ISSUER,
    jwksUrl: cluster?.jwksUrl ?? '',
    introspectionUrl: cluster?.introspectionUrl ?? '',
    clientId: '',
    caPath: usesClusterAuth ? `${SERVICE_ACCOUNT_FILES}/ca.crt` : '',
    tokenPath: usesClusterAuth ? `${SERVICE_ACCOUNT_FILES}/token` : '',
    jwksAllowPrivateIp: usesClusterAuth,
    protectedResourceAllowPrivateIp: false,
    insecureAllowHttp: false,
  };
}

function inlineProvider(config: MCPOIDCConfig): Provider {
  const { inline } = config.spec;
  if (inline === undefined) throw new SpecError("inline configuration must be set if and only if type is 'inline'");
  return {
    issuer: inline.issuer,
    jwksUrl: inline.jwksUrl ?? '',
    introspectionUrl: inline.introspectionUrl ?? '',
    clientId: inline.clientId ?? '',
    ...(inline.clientSecretRef && { clientSecret: inline.clientSecretRef }),
    caPath: oidcCaBundle(config)?.path ?? '',
    tokenPath: inline.jwksAuthTokenPath ?? '',
    jwksAllowPrivateIp: inline.jwksAllowPrivateIP,
    protectedResourceAllowPrivateIp: inline.protectedResourceAllowPrivateIP,
    insecureAllowHttp: inline.insecureAllowHTTP,
  };
}

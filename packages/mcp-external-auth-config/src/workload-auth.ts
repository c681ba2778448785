import type { EnvVar } from '@trueup/core';
import type { SecretKeyRef } from '@trueup/mcp-auth-server';
import type { Middleware, OboHandler } from './obo-handler.js';
import type { MCPExternalAuthConfig } from './resource.js';

type TokenExchange = NonNullable<MCPExternalAuthConfig['spec']['tokenExchange']>;

/** Where a proxy looks for the client secret of its token exchange. */
export const TOKEN_EXCHANGE_CLIENT_SECRET = 'TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET';

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';

/** What a config brings into the proxy of a workload that refers to it. */
export interface WorkloadAuth {
  /** The section `token_exchange_config` of the run configuration. */
  readonly tokenExchange?: TokenExchangeConfig;
  readonly middlewares?: readonly Middleware[];
  readonly env: readonly EnvVar[];
  /** The Secret that must hold the client secret. */
  readonly clientSecret?: SecretKeyRef;
}

export interface TokenExchangeConfig {
  token_url: string;
  client_id: string;
  /** Always empty: the secret travels in the environment. */
  client_secret: '';
  audience: string;
  scopes?: string[];
  subject_token_type?: string;
  header_strategy: 'replace' | 'custom';
  external_token_header_name?: string;
}

/**
 * What a config brings into a proxy. Types that only a VirtualMCPServer can use bring nothing.
 * @throws {@link EnterpriseRequiredError} for type `obo` without a handler.
 */
export function workloadAuth(config: MCPExternalAuthConfig, obo: OboHandler): WorkloadAuth {
  const { spec } = config;
  if (spec.type === 'tokenExchange' && spec.tokenExchange !== undefined) {
    const { clientSecretRef: secret } = spec.tokenExchange;
    return {
      tokenExchange: tokenExchangeConfig(spec.tokenExchange),
      env: secret === undefined ? [] : [{ name: TOKEN_EXCHANGE_CLIENT_SECRET, valueFrom: { secretKeyRef: secret } }],
      ...(secret && { clientSecret: secret }),
    };
  }
  if (spec.type === 'obo') return { middlewares: obo.middlewares(config), env: obo.secretVariables(config) };
  return { env: [] };
}

/** True for types that a proxy does nothing about: they say how a VirtualMCPServer calls the workload. */
export function isForVirtualServerOnly({ spec }: MCPExternalAuthConfig): boolean {
  return spec.type === 'headerInjection' || spec.type === 'upstreamInject' || spec.type === 'xaa';
}

function tokenExchangeConfig(exchange: TokenExchange): TokenExchangeConfig {
  const { scopes = [], subjectTokenType: type = '', externalTokenHeaderName: header } = exchange;
  return {
    token_url: exchange.tokenUrl,
    client_id: exchange.clientId ?? '',
    client_secret: '',
    audience: exchange.audience,
    ...(scopes.length > 0 && { scopes: [...scopes] }),
    ...(type !== '' && { subject_token_type: type.startsWith(TOKEN_TYPE) ? type : `${TOKEN_TYPE}${type}` }),
    header_strategy: header ? 'custom' : 'replace',
    ...(header && { external_token_header_name: header }),
  };
}

import { SpecError, type EnvVar } from '@trueup/core';
import type { MCPExternalAuthConfig, OboHandler } from '@trueup/mcp-external-auth-config';
import { variablePart } from './secret-variables.js';
import { UNAUTHENTICATED, type Strategy } from './strategy.js';

type Spec = MCPExternalAuthConfig['spec'];
type SecretKey = { readonly name: string; readonly key: string };

/** How a server calls a backend by a config. */
export interface ConvertedAuth {
  readonly strategy: Strategy;
  /** The secrets that the strategy names by their variables. */
  readonly env: readonly EnvVar[];
  /** What of the config has no effect here. */
  readonly remark?: string;
}

const TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:';

const SHORT_TOKEN_TYPES = ['access_token', 'id_token', 'jwt'];

/**
 * How a server calls a backend by a config. Secrets are named by variables, never written out.
 * @throws {@link SpecError} when the config says nothing about calling a backend; whatever the handler throws for type `obo`.
 */
export function convertExternalAuth(config: MCPExternalAuthConfig, obo: OboHandler): ConvertedAuth {
  const { spec } = config;
  const part = variablePart(config.metadata.name);
  switch (spec.type) {
    case 'tokenExchange':
      return tokenExchange(required(spec.tokenExchange, 'token exchange'), part);
    case 'headerInjection':
      return headerInjection(required(spec.headerInjection, 'header injection'), part);
    case 'unauthenticated':
      return { strategy: UNAUTHENTICATED, env: [] };
    case 'upstreamInject':
      return withoutSecret({
        type: 'upstream_inject',
        upstreamInject: required(spec.upstreamInject, 'upstream inject'),
      });
    case 'awsSts':
      return withoutSecret({ type: 'aws_sts', awsSts: required(spec.awsSts, 'aws sts') });
    case 'xaa':
      return xaa(required(spec.xaa, 'xaa'), part);
    case 'obo':
      return { strategy: { type: 'obo', obo: obo.strategy(config) }, env: obo.secretVariables(config) };
    default:
      throw new SpecError(`unsupported auth type: ${spec.type}`);
  }
}

function tokenExchange(settings: NonNullable<Spec['tokenExchange']>, part: string): ConvertedAuth {
  const { subjectTokenType: type = '', clientSecretRef, externalTokenHeaderName, ...carried } = settings;
  const secret = secretVariable(`TOOLHIVE_TOKEN_EXCHANGE_CLIENT_SECRET_${part}`, clientSecretRef);
  return {
    strategy: {
      type: 'token_exchange',
      tokenExchange: {
        ...carried,
        ...(secret && { clientSecretEnv: secret.name }),
        subjectTokenType: SHORT_TOKEN_TYPES.includes(type) ? `${TOKEN_TYPE}${type}` : type,
      },
    },
    env: secret === undefined ? [] : [secret],
    ...(externalTokenHeaderName && {
      remark: 'externalTokenHeaderName has no effect: VirtualMCPServer always replaces the Authorization header',
    }),
  };
}

function headerInjection(settings: NonNullable<Spec['headerInjection']>, part: string): ConvertedAuth {
  const { headerName, valueSecretRef } = settings;
  const secret = secretVariable(`TOOLHIVE_HEADER_INJECTION_VALUE_${part}`, valueSecretRef);
  return {
    strategy: {
      type: 'header_injection',
      headerInjection: { headerName, ...(secret && { headerValueEnv: secret.name }) },
    },
    env: secret === undefined ? [] : [secret],
  };
}

function xaa(settings: NonNullable<Spec['xaa']>, part: string): ConvertedAuth {
  const { idpClientSecretRef, targetClientSecretRef, ...carried } = settings;
  const idp = secretVariable(`TOOLHIVE_XAA_IDP_CLIENT_SECRET_${part}`, idpClientSecretRef);
  const target = secretVariable(`TOOLHIVE_XAA_TARGET_CLIENT_SECRET_${part}`, targetClientSecretRef);
  return {
    strategy: {
      type: 'xaa',
      xaa: {
        ...carried,
        ...(idp && { idpClientSecretEnv: idp.name }),
        ...(target && { targetClientSecretEnv: target.name }),
      },
    },
    env: [idp, target].filter((variable) => variable !== undefined),
  };
}

const withoutSecret = (strategy: Strategy): ConvertedAuth => ({ strategy, env: [] });

function secretVariable(name: string, ref: SecretKey | undefined): EnvVar | undefined {
  return ref === undefined ? undefined : { name, valueFrom: { secretKeyRef: { name: ref.name, key: ref.key } } };
}

function required<T>(settings: T | undefined, what: string): T {
  if (settings === undefined || settings === null) throw new SpecError(`${what} config is nil`);
  return settings;
}

import { mistypedField, parseGoDuration, validateSpec, type Stored } from '@trueup/core';
import { authServerProblem } from '@trueup/mcp-auth-server';
import { HOP_BY_HOP_HEADERS, HOP_BY_HOP_MESSAGE, TARGET_TOKEN_URL_MESSAGE } from '../outgoing-auth-schemas.js';
import { MCPExternalAuthConfig } from '../resource.js';
import { awsStsProblem } from './aws-sts-problem.js';

type Spec = Stored<MCPExternalAuthConfig['spec']>;

/** The types that have a member of their own name, in the order in which they are checked. */
const MEMBERS = [
  'obo',
  'tokenExchange',
  'headerInjection',
  'bearerToken',
  'embeddedAuthServer',
  'awsSts',
  'upstreamInject',
  'xaa',
] as const;

/**
 * The first thing wrong with a spec, in words for its author; undefined when nothing is. Referenced Secrets are not looked
 * at: a missing one may still come.
 */
export function specProblem(spec: Spec): string | undefined {
  return mistypedField(MCPExternalAuthConfig, spec) ?? memberProblem(spec) ?? typeProblem(spec) ?? schemaProblem(spec);
}

function memberProblem(spec: Spec): string | undefined {
  const mismatch = MEMBERS.find((member) => (spec.type === member) !== (spec[member] !== undefined));
  if (mismatch !== undefined) return `${mismatch} configuration must be set if and only if type is '${mismatch}'`;
  const isKnown = spec.type === 'unauthenticated' || MEMBERS.some((member) => member === spec.type);
  return isKnown ? undefined : `unsupported auth type: ${spec.type ?? ''}`;
}

function typeProblem(spec: Spec): string | undefined {
  const { awsSts, embeddedAuthServer, headerInjection, obo, upstreamInject, xaa } = spec;
  if (embeddedAuthServer !== undefined) return authServerProblem(embeddedAuthServer)?.message;
  if (awsSts !== undefined) return awsStsProblem(awsSts);
  if (upstreamInject !== undefined && !upstreamInject.providerName) {
    return 'upstreamInject requires a non-empty providerName';
  }
  if (headerInjection !== undefined) return headerProblem(headerInjection);
  if (xaa !== undefined) return targetProblem(xaa);
  return obo === undefined ? undefined : cacheSkewProblem(obo.cacheSkew);
}

function headerProblem({ headerName = '' }: NonNullable<Spec['headerInjection']>): string | undefined {
  return HOP_BY_HOP_HEADERS.includes(headerName.toLowerCase()) ? HOP_BY_HOP_MESSAGE : undefined;
}

function targetProblem({ targetTokenUrl = '', insecureTargetTokenUrl }: NonNullable<Spec['xaa']>): string | undefined {
  const isAllowed =
    targetTokenUrl.startsWith('https://') || (insecureTargetTokenUrl === true && targetTokenUrl.startsWith('http://'));
  return isAllowed ? undefined : TARGET_TOKEN_URL_MESSAGE;
}

function cacheSkewProblem(skew: string | undefined): string | undefined {
  const duration = skew === undefined ? 0n : parseGoDuration(skew);
  return duration !== undefined && duration >= 0n
    ? undefined
    : `obo.cacheSkew: ${JSON.stringify(skew)} must be a duration like 30s, and not negative`;
}

/** What the API server would refuse today. */
function schemaProblem(spec: Spec): string | undefined {
  const [problem] = validateSpec(MCPExternalAuthConfig, spec);
  return problem && `${problem.path}: ${problem.message}`;
}

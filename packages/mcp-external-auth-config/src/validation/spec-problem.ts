import { validateSpec } from '@trueup/core';
import { MCPExternalAuthConfig } from '../resource.js';
import { awsStsProblem } from './aws-sts-problem.js';
import { embeddedAuthServerProblem } from './embedded-auth-server-problem.js';
import type { Stored } from './stored.js';

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
  return memberProblem(spec) ?? typeProblem(spec) ?? schemaProblem(spec);
}

function memberProblem(spec: Spec): string | undefined {
  const mismatch = MEMBERS.find((member) => (spec.type === member) !== (spec[member] !== undefined));
  if (mismatch !== undefined) return `${mismatch} configuration must be set if and only if type is '${mismatch}'`;
  const isKnown = spec.type === 'unauthenticated' || MEMBERS.some((member) => member === spec.type);
  return isKnown ? undefined : `unsupported auth type: ${spec.type ?? ''}`;
}

function typeProblem({ awsSts, embeddedAuthServer, obo, upstreamInject }: Spec): string | undefined {
  if (embeddedAuthServer !== undefined) return embeddedAuthServerProblem(embeddedAuthServer);
  if (awsSts !== undefined) return awsStsProblem(awsSts);
  if (upstreamInject !== undefined && !upstreamInject.providerName)
    return 'upstreamInject requires a non-empty providerName';
  return obo === undefined ? undefined : cacheSkewProblem(obo.cacheSkew);
}

function cacheSkewProblem(skew: string | undefined): string | undefined {
  const isDuration = skew === undefined || /^(0|([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+)$/.test(skew);
  return isDuration ? undefined : `obo.cacheSkew: "${skew}" must be a duration like 30s, and not negative`;
}

/** What the API server would refuse today. */
function schemaProblem(spec: Spec): string | undefined {
  const [problem] = validateSpec(MCPExternalAuthConfig, spec);
  return problem && `${problem.path}: ${problem.message}`;
}

import { firstSpecProblem } from '@trueup/core';
import type { z } from 'zod';
import { caBundleProblem } from './ca-bundle.js';
import { MCPOIDCConfig } from './resource.js';
import { endpointProblem, issuerProblem, type HttpPolicy } from './url-problem.js';

type Spec = z.input<typeof MCPOIDCConfig.definition.spec>;

/**
 * The first thing wrong with a spec, in words for its author; undefined when nothing is. Objects the spec names are not
 * looked at: what is missing may still come.
 *
 * @param spec - As stored: it may be older than a rule of the schema, and is not trusted to have the type it is given here.
 */
export function specProblem(spec: Spec): string | undefined {
  return firstSpecProblem(
    MCPOIDCConfig,
    spec,
    (given) => memberProblem(given) ?? inlineProblem(given.inline) ?? clusterProblem(given.kubernetesServiceAccount),
  );
}

function memberProblem(spec: Spec): string | undefined {
  const members = ['kubernetesServiceAccount', 'inline'] as const;
  const mismatch = members.find((member) => (spec.type === member) !== (spec[member] !== undefined));
  return mismatch && `${mismatch} configuration must be set if and only if type is '${mismatch}'`;
}

function inlineProblem(inline: Spec['inline']): string | undefined {
  if (inline === undefined) return undefined;
  if (inline.issuer === '') return 'inline.issuer must not be empty';
  const http = inline.insecureAllowHTTP ? 'allowed' : 'opt-in';
  return urlProblem(inline, http) ?? (inline.caBundleRef && caBundleProblem(inline.caBundleRef));
}

/** A cluster serves its keys with TLS, so there is no way to ask for less. */
function clusterProblem(cluster: Spec['kubernetesServiceAccount']): string | undefined {
  return cluster && urlProblem(cluster, 'refused');
}

interface Urls {
  readonly issuer?: string | undefined;
  readonly jwksUrl?: string | undefined;
  readonly introspectionUrl?: string | undefined;
}

function urlProblem({ issuer = '', jwksUrl = '', introspectionUrl = '' }: Urls, http: HttpPolicy): string | undefined {
  return (
    issuerProblem(issuer, http) ??
    endpointProblem('JWKS URL', jwksUrl, http) ??
    endpointProblem('Introspection URL', introspectionUrl, http)
  );
}

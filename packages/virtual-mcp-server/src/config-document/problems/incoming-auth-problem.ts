import type { ConfigDocument } from '../format/config-document.js';
import { caBundlePathProblem } from './ca-bundle-path-problem.js';

type IncomingAuth = ConfigDocument['incomingAuth'];

const TYPES = ['oidc', 'local', 'anonymous'];
const AUTHZ_TYPES = ['cedar', 'none'];

/** Why the process would refuse the section `incomingAuth`. */
export function incomingAuthProblem({ type, oidc, authz }: IncomingAuth): string | undefined {
  if (!TYPES.includes(type)) return `incomingAuth.type must be one of: ${TYPES.join(', ')}`;
  const problem = type === 'oidc' ? oidcProblem(oidc) : undefined;
  return problem ?? (authz && authzProblem(authz));
}

function oidcProblem(oidc: IncomingAuth['oidc']): string | undefined {
  if (oidc === undefined) return "incomingAuth.oidc is required when type is 'oidc'";
  if (oidc.issuer === '') return 'incomingAuth.oidc.issuer is required';
  if (oidc.audience === '') return 'incomingAuth.oidc.audience is required';
  const problem = oidc.caBundlePath && caBundlePathProblem(oidc.caBundlePath);
  return problem && `incomingAuth.oidc.caBundlePath ${problem}`;
}

function authzProblem({ type, policies = [] }: NonNullable<IncomingAuth['authz']>): string | undefined {
  if (!AUTHZ_TYPES.includes(type)) return `incomingAuth.authz: type must be one of: ${AUTHZ_TYPES.join(', ')}`;
  return type === 'cedar' && policies.length === 0
    ? "incomingAuth.authz: policies are required when type is 'cedar'"
    : undefined;
}

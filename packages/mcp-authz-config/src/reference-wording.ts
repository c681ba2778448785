import { verdict, type ReferenceWording } from '@trueup/core';

/** What the condition `AuthzConfigRefValidated` of a workload says, for the `wording` of its `configRef`. */
export const authzReferenceWording = {
  valid: (name) => verdict.true('AuthzConfigRefValid', `MCPAuthzConfig ${name} is valid and ready`),
  notFound: (name, namespace) =>
    verdict.false(
      'AuthzConfigRefNotFound',
      `MCPAuthzConfig ${name} not found: failed to get MCPAuthzConfig ${namespace}/${name}: MCPAuthzConfig.toolhive.stacklok.dev "${name}" not found`,
    ),
  invalid: (name, { message }) =>
    verdict.false('AuthzConfigRefNotValid', `MCPAuthzConfig ${name} is not valid${message && `: ${message}`}`),
} satisfies Partial<ReferenceWording>;

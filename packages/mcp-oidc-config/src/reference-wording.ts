import { verdict, type ReferenceWording } from '@trueup/core';

/** What the condition `OIDCConfigRefValidated` of a workload says, for the `wording` of its `configRef`. */
export const oidcReferenceWording = {
  valid: (name) => verdict.true('OIDCConfigRefValid', `MCPOIDCConfig ${name} is valid and ready`),
  notFound: (name, namespace) =>
    verdict.false(
      'OIDCConfigRefNotFound',
      `MCPOIDCConfig ${name} not found: failed to get MCPOIDCConfig ${namespace}/${name}: MCPOIDCConfig.toolhive.stacklok.dev "${name}" not found`,
    ),
  invalid: (name, { message }) =>
    verdict.false('OIDCConfigRefNotValid', `MCPOIDCConfig ${name} is not valid${message && `: ${message}`}`),
} satisfies Partial<ReferenceWording>;

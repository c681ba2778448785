import { verdict, type ReferenceWording } from '@trueup/core';

/** What the condition `ToolConfigValidated` of a workload says beside the defaults, for the `wording` of its `configRef`. */
export const toolReferenceWording = {
  invalid: (name, { message }) =>
    verdict.false('ToolConfigNotValid', `MCPToolConfig '${name}' is not valid${message && `: ${message}`}`),
} satisfies Partial<ReferenceWording>;

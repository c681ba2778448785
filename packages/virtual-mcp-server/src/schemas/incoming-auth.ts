import { rule } from '@trueup/core';
import { authzConfigRefSchema, authzConfigSchema, oidcConfigRefSchema } from '@trueup/mcp-workload';
import { z } from 'zod';

/** How clients authenticate to the server, and what they may do. */
export const incomingAuthSchema = rule(
  z.object({
    type: z.enum(['anonymous', 'oidc']).describe('Lets anyone in, or only who presents a token.'),
    oidcConfigRef: oidcConfigRefSchema.optional().describe('MCPOIDCConfig by which tokens are validated.'),
    authzConfig: authzConfigSchema.optional().describe('Who may do what, said here or in a ConfigMap.'),
    authzConfigRef: authzConfigRefSchema
      .optional()
      .describe('MCPAuthzConfig that says who may do what; it must be of type `cedarv1`.'),
  }),
  {
    rule: "self.type == 'oidc' ? has(self.oidcConfigRef) : true",
    message: 'spec.incomingAuth.oidcConfigRef is required when type is oidc',
  },
  {
    rule: '!(has(self.authzConfig) && has(self.authzConfigRef))',
    message:
      'authzConfig and authzConfigRef are mutually exclusive; use authzConfigRef to reference a shared MCPAuthzConfig',
  },
);

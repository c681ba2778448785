import { required, rule } from '@trueup/core';
import { z } from 'zod';

const inline = z.object({
  policies: z.array(z.string()).min(1).describe('Cedar policies.'),
  entitiesJson: z.string().default('[]').describe('Cedar entities, as JSON text.'),
  primaryUpstreamProvider: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/)
    .optional()
    .describe(
      'Deprecated; looked at by VirtualMCPServer only, where `spec.authServerConfig.primaryUpstreamProvider` replaces it.',
    ),
});

/** Who may do what, said in the workload itself or in a ConfigMap. */
export const authzConfigSchema = rule(
  z.object({
    type: required(z.enum(['configMap', 'inline']).default('configMap')).describe('Where the policies are.'),
    configMap: z
      .object({
        name: z.string().describe('Name of the ConfigMap.'),
        key: z.string().default('authz.json').describe('Key within it.'),
      })
      .optional()
      .describe('A ConfigMap that holds the authorization settings.'),
    inline: inline.optional().describe('Policies written out here.'),
    groupClaimName: z.string().max(253).optional().describe('Claim of the token that lists groups (Cedar).'),
    roleClaimName: z.string().max(253).optional().describe('Claim of the token that lists roles (Cedar).'),
    groupEntityType: z
      .string()
      .max(63)
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/)
      .optional()
      .describe('Cedar entity type of those groups and roles; `THVGroup` when absent.'),
  }),
  {
    rule: "self.type == 'configMap' ? has(self.configMap) : !has(self.configMap)",
    message: "configMap must be set when type is 'configMap', and must not be set otherwise",
  },
  {
    rule: "self.type == 'inline' ? has(self.inline) : !has(self.inline)",
    message: "inline must be set when type is 'inline', and must not be set otherwise",
  },
);

import { z } from 'zod';

const oidc = z.object({
  issuer: z
    .string()
    .regex(/^https?:\/\//)
    .describe('Issuer of the tokens.'),
  clientId: z.string().describe('Client for introspection; may be empty.'),
  clientSecretEnv: z.string().optional().describe('Environment variable that holds the secret of that client.'),
  audience: z.string().describe('`aud` that tokens must have.'),
  resource: z
    .string()
    .optional()
    .describe('Name of the server as a protected resource (RFC 8707); the audience when absent.'),
  jwksUrl: z.string().optional().describe('Where the keys are; discovered when absent.'),
  introspectionUrl: z.string().optional().describe('Where opaque tokens are looked up (RFC 7662).'),
  scopes: z.array(z.string()).optional().describe('Scopes told to clients.'),
  protectedResourceAllowPrivateIp: z.boolean().optional().describe('Permits a resource at a private address.'),
  jwksAllowPrivateIp: z.boolean().optional().describe('Permits keys and discovery at a private address.'),
  insecureAllowHttp: z.boolean().optional().describe('Permits an issuer without TLS.'),
  caBundlePath: z.string().optional().describe('File with the certificates to trust, by its absolute path.'),
});

const authz = z.object({
  type: z.string().describe('`cedar` or `none`.'),
  policies: z.array(z.string()).optional().describe('Cedar policies.'),
  entitiesJson: z.string().optional().describe('Cedar entities, as JSON text.'),
  primaryUpstreamProvider: z.string().optional().describe('Upstream whose token the claims are taken from.'),
  groupClaimName: z.string().optional().describe('Claim that lists groups.'),
  roleClaimName: z.string().optional().describe('Claim that lists roles.'),
  groupEntityType: z.string().optional().describe('Cedar entity type of those groups; `THVGroup` when absent.'),
});

/** How a server that runs without an operator authenticates clients. */
export const configIncomingAuth = z.object({
  type: z.string().describe('`oidc`, `local` or `anonymous`.'),
  oidc: oidc.optional().describe('How tokens are validated.'),
  authz: authz.optional().describe('Who may do what.'),
});

import { listMap, required, rule } from '@trueup/core';
import { z } from 'zod';
import { authServerStorage } from './auth-server-storage-schema.js';
import { goDuration, providerName, secretKeyRef } from './common-schemas.js';
import { trustedIssuer } from './trusted-issuer-schema.js';
import { upstreamProvider } from './upstream-provider-schema.js';

const issuer = z.string().regex(/^https?:\/\/[^\s?#]+[^/\s?#]$/);

const delegateClient = rule(
  z.object({
    clientId: z.string().min(1).max(256).describe('The client.'),
    clientSecretRef: secretKeyRef.describe('Its secret.'),
    scopes: z.array(z.string().min(1).max(256)).min(1).max(10).describe('Scopes it may ask for.'),
    audiences: z.array(z.string().min(1).max(2048)).min(1).max(10).describe('Audiences it may ask for.'),
  }),
  {
    rule: 'has(self.clientSecretRef) && size(self.clientSecretRef.name) > 0 && size(self.clientSecretRef.key) > 0',
    message: 'clientSecretRef.name and clientSecretRef.key are required and must be non-empty',
  },
);

const fields = z.object({
  issuer: issuer.describe('`iss` of the tokens this server issues, without a slash at the end.'),
  authorizationEndpointBaseUrl: issuer
    .optional()
    .describe('Base of the authorization endpoint where browsers reach it elsewhere.'),
  signingKeySecretRefs: z
    .array(secretKeyRef)
    .max(5)
    .optional()
    .describe('Keys for tokens: the first signs, the others still verify. Without any, one is made up at every start.'),
  hmacSecretRefs: z
    .array(secretKeyRef)
    .optional()
    .describe(
      'Secrets of 32 bytes or more for codes and refresh tokens, the first is current. Without any, one is made up at every start.',
    ),
  tokenLifespans: z
    .object({
      accessTokenLifespan: goDuration.optional().describe('Of access tokens; 1h when absent.'),
      refreshTokenLifespan: goDuration.optional().describe('Of refresh tokens; 168h when absent.'),
      authCodeLifespan: goDuration.optional().describe('Of authorization codes; 10m when absent.'),
    })
    .optional()
    .describe('How long what this server issues is good for.'),
  upstreamProviders: listMap(z.array(upstreamProvider).min(1), ['name']).describe('Where users prove who they are.'),
  primaryUpstreamProvider: providerName
    .optional()
    .describe(
      'Provider whose claims authorization looks at, the first when absent; looked at by VirtualMCPServer only.',
    ),
  storage: authServerStorage
    .optional()
    .describe('Where sessions, clients and upstream tokens are kept; in memory when absent.'),
  disableUpstreamTokenInjection: z
    .boolean()
    .default(false)
    .describe("Takes the client's credentials off requests instead of putting an upstream token in their place."),
  insecureAllowHTTP: z.boolean().default(false).describe('Permits an issuer without TLS on hosts other than loopback.'),
  baselineClientScopes: z
    .array(
      z
        .string()
        .min(1)
        .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/),
    )
    .max(10)
    .optional()
    .describe('Scopes every client that registers itself gets in addition to those it names.'),
  allowConfidentialClientRegistration: z
    .boolean()
    .default(false)
    .describe('Lets clients that register themselves obtain a secret.'),
  insecureAllowConfidentialOverLoopbackHTTP: z
    .boolean()
    .default(false)
    .describe('Permits that with an issuer on loopback without TLS.'),
  delegateClients: z
    .array(delegateClient)
    .max(10)
    .optional()
    .describe('Clients known beforehand, which act on behalf of users.'),
  trustedIssuers: z
    .array(trustedIssuer)
    .max(20)
    .optional()
    .describe('Other issuers whose tokens may be exchanged here.'),
  forceConfidentialRedirectUris: z
    .array(z.string().regex(/^https:\/\/[^\s?#]+$/))
    .max(10)
    .optional()
    .describe('A client that registers itself with one of these redirect URIs gets a secret, asked for or not.'),
  cimd: z
    .object({
      enabled: required(z.boolean().default(false)).describe(
        'Accepts URLs of client metadata documents as client IDs.',
      ),
      cacheMaxSize: z.int().min(1).optional().describe('How many documents are kept; 256 when absent.'),
      cacheFallbackTtl: goDuration
        .optional()
        .describe('How long a document is kept that does not say so; 5m when absent.'),
    })
    .optional()
    .describe('Client ID metadata documents.'),
});

const RULES = [
  {
    rule: '!(has(self.allowConfidentialClientRegistration) && self.allowConfidentialClientRegistration && has(self.insecureAllowHTTP) && self.insecureAllowHTTP)',
    message:
      'allowConfidentialClientRegistration cannot be combined with insecureAllowHTTP; client secrets would be issued in cleartext over an unauthenticated endpoint',
  },
  {
    rule: "!has(self.delegateClients) || size(self.delegateClients) == 0 || !self.issuer.startsWith('http://')",
    message: 'delegateClients require an https:// issuer; delegate client secrets must not be sent over plaintext HTTP',
  },
  {
    rule: '(!has(self.forceConfidentialRedirectUris) || size(self.forceConfidentialRedirectUris) == 0) || (has(self.allowConfidentialClientRegistration) && self.allowConfidentialClientRegistration)',
    message: 'forceConfidentialRedirectUris requires allowConfidentialClientRegistration to be true',
  },
];

/** An OAuth 2.0 authorization server that runs inside a proxy. */
export const embeddedAuthServerSchema = rule(fields, ...RULES);
export type EmbeddedAuthServer = z.output<typeof embeddedAuthServerSchema>;

import { entryCount, rule } from '@trueup/core';
import { z } from 'zod';
import { providerName, secretKeyRef } from './common-schemas.js';

const anyHttpUrl = z.string().regex(/^https?:\/\/.*$/);

const fieldNames = z.array(z.string());

const scopeList = z.array(z.string());

const userInfo = z.object({
  endpointUrl: anyHttpUrl.describe('Where the upstream tells who the user is.'),
  httpMethod: z.enum(['GET', 'POST']).optional().describe('How it is asked; GET when absent.'),
  additionalHeaders: z.record(z.string(), z.string()).optional().describe('Further headers of that request.'),
  fieldMapping: z
    .object({
      subjectFields: fieldNames.optional().describe('Fields that may hold the subject; `sub` when absent.'),
      nameFields: fieldNames.optional().describe('Fields that may hold the name; `name` when absent.'),
      emailFields: fieldNames.optional().describe('Fields that may hold the e-mail address; `email` when absent.'),
    })
    .optional()
    .describe('Which fields of the answer describe the user; the first that is not empty counts.'),
});

const redirectUri = z
  .string()
  .optional()
  .describe('Where the upstream sends the user back to; `/oauth/callback` of the resource URL when absent.');

const additionalAuthorizationParams = entryCount(z.record(z.string(), z.string()), { max: 16 })
  .optional()
  .describe('Further parameters of the authorization request; those the server sets itself cannot be replaced.');

const oidcConfig = z.object({
  issuerUrl: z
    .string()
    .regex(/^https:\/\/.*$/)
    .describe('Issuer of the upstream; its endpoints are discovered from there.'),
  clientId: z.string().describe('Client at the upstream.'),
  clientSecretRef: secretKeyRef.optional().describe('Secret of that client; a public client with PKCE when absent.'),
  redirectUri,
  scopes: scopeList.optional().describe('Scopes asked for; `openid` and `offline_access` when absent.'),
  userInfoOverride: userInfo.optional().describe('Asks here who the user is, instead of where discovery says.'),
  additionalAuthorizationParams,
  subjectClaim: z
    .string()
    .max(128)
    .regex(/^([a-zA-Z_][a-zA-Z0-9_]*)?$/)
    .optional()
    .describe('Claim of the ID token that identifies the user; `sub` when empty.'),
});

const registrationUrl = z
  .string()
  .max(2048)
  .regex(/^https:\/\/[^\s?#]+[^/\s?#]$/);

const dcrConfig = rule(
  z.object({
    discoveryUrl: registrationUrl
      .optional()
      .describe('Metadata of the upstream, which names its registration endpoint.'),
    registrationEndpoint: registrationUrl.optional().describe('The registration endpoint itself.'),
    initialAccessTokenRef: secretKeyRef.optional().describe('Token that permits the registration.'),
    softwareId: z.string().max(255).optional().describe('Identifies the software that registers.'),
    softwareStatement: z.string().max(16384).optional().describe('Signed statement about that software.'),
  }),
  {
    rule: 'has(self.discoveryUrl) != has(self.registrationEndpoint)',
    message: 'exactly one of discoveryUrl or registrationEndpoint must be set',
  },
);

const tokenPath = z.string().min(1).max(256);

const oauth2Config = rule(
  z.object({
    authorizationEndpoint: anyHttpUrl.describe('Where the user is sent to sign in.'),
    tokenEndpoint: anyHttpUrl.describe('Where the code is exchanged for tokens.'),
    userInfo: userInfo
      .optional()
      .describe('How the user is identified; without it and `identityFromToken` an identity is made up.'),
    clientId: z.string().optional().describe('Client at the upstream; either this or `dcrConfig`.'),
    clientSecretRef: secretKeyRef.optional().describe('Secret of that client.'),
    redirectUri,
    scopes: scopeList.optional().describe('Scopes asked for.'),
    additionalAuthorizationParams,
    tokenResponseMapping: z
      .object({
        accessTokenPath: z.string().min(1).describe('Dotted path of the access token.'),
        scopePath: z.string().optional().describe('Dotted path of the scopes; `scope` when absent.'),
        refreshTokenPath: z
          .string()
          .optional()
          .describe('Dotted path of the refresh token; `refresh_token` when absent.'),
        expiresInPath: z.string().optional().describe('Dotted path of the lifetime; `expires_in` when absent.'),
      })
      .optional()
      .describe('Where things stand in a token response that does not follow the standard.'),
    identityFromToken: z
      .object({
        subjectPath: tokenPath.describe('Dotted path of the subject; `@upstreamjwt` looks into a token.'),
        namePath: tokenPath.optional().describe('Dotted path of the name.'),
        emailPath: tokenPath.optional().describe('Dotted path of the e-mail address.'),
      })
      .optional()
      .describe('Identifies the user by the token response itself.'),
    insecureAllowHTTP: z.boolean().optional().describe('Permits endpoints without TLS for this upstream.'),
    allowPrivateIPs: z.boolean().optional().describe('Permits endpoints at private addresses for this upstream.'),
    dcrConfig: dcrConfig.optional().describe('Registers a client at the upstream (RFC 7591) instead of naming one.'),
  }),
  {
    rule: '(has(self.clientId) && size(self.clientId) > 0) ? !has(self.dcrConfig) : has(self.dcrConfig)',
    message: 'exactly one of clientId or dcrConfig must be set',
  },
  {
    rule: '!(has(self.dcrConfig) && has(self.clientSecretRef))',
    message:
      'clientSecretRef must not be set when dcrConfig is set; the client_secret is obtained at runtime via Dynamic Client Registration',
  },
);

/** An identity provider that the embedded authorization server sends users to. */
export const upstreamProvider = rule(
  z.object({
    name: providerName.describe('Name of the provider, unique among those of this server.'),
    type: z.enum(['oidc', 'oauth2']).describe('What the provider speaks: OpenID Connect or plain OAuth 2.0.'),
    oidcConfig: oidcConfig.optional().describe('Settings of an OpenID Connect provider.'),
    oauth2Config: oauth2Config.optional().describe('Settings of a plain OAuth 2.0 provider.'),
  }),
  {
    rule: "self.type == 'oidc' ? (has(self.oidcConfig) && !has(self.oauth2Config)) : self.type == 'oauth2' ? (has(self.oauth2Config) && !has(self.oidcConfig)) : false",
    message:
      "type must be 'oidc' or 'oauth2'; oidcConfig must be set when type is 'oidc' and oauth2Config must be set when type is 'oauth2' (and the other must not be set)",
  },
);
export type UpstreamProvider = z.output<typeof upstreamProvider>;

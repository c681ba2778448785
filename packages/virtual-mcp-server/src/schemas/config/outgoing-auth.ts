import { int32 } from '@trueup/core';
import { z } from 'zod';

const text = z.string();
const scopes = z.array(z.string()).optional().describe('Scopes to ask for.');
const subjectProviderName = text.optional().describe('Upstream whose token is traded; the first when absent.');
const clientId = text.optional().describe('Client that asks for the token.');
const clientSecret = text.optional().describe('Secret of that client; better kept in an environment variable.');
const clientSecretEnv = text.optional().describe('Environment variable that holds the secret of that client.');

const headerInjection = z.object({
  headerName: text.describe('Header to add.'),
  headerValue: text.optional().describe('Its value; better kept in an environment variable.'),
  headerValueEnv: text.optional().describe('Environment variable that holds its value.'),
});

const tokenExchange = z.object({
  tokenUrl: text.describe('Where tokens are exchanged.'),
  clientId,
  clientSecret,
  clientSecretEnv,
  audience: text.optional().describe('Audience of the new token.'),
  scopes,
  subjectTokenType: text.optional().describe('Type of the token that is exchanged, as a URN.'),
  subjectProviderName,
});

const upstreamInject = z.object({
  providerName: text.describe('Upstream whose access token is sent to the backend.'),
});

const roleMapping = z.object({
  claim: text.optional().describe('Value of the role claim that picks the role.'),
  matcher: text.optional().describe('CEL expression over the claims that picks the role.'),
  roleArn: text.describe('The role.'),
  priority: z.int().optional().describe('Among several that match, the lowest counts.'),
});

const awsSts = z.object({
  region: text.describe('AWS region.'),
  service: text.optional().describe('Service the requests are signed for.'),
  fallbackRoleArn: text.optional().describe('Role when no mapping matches.'),
  roleMappings: z.array(roleMapping).optional().describe('Roles by claims.'),
  roleClaim: text.optional().describe('Claim that the mappings look at.'),
  sessionDuration: int32().optional().describe('How long the credentials are good for, in seconds.'),
  sessionNameClaim: text.optional().describe('Claim that names the session.'),
  subjectProviderName,
});

const obo = z.object({
  tokenUrl: text.describe('Where tokens are exchanged.'),
  clientId,
  clientSecret,
  clientSecretEnv,
  audience: text.optional().describe('Audience of the new token.'),
  scopes,
  subjectTokenProviderName: text.optional().describe('Upstream whose token is exchanged.'),
  cacheSkewSeconds: int32().optional().describe('How long before its end a token is no longer used, in seconds.'),
});

const xaa = z.object({
  idpTokenUrl: text.describe('Where the identity provider gives the assertion.'),
  idpClientId: text.optional().describe('Client at the identity provider.'),
  idpClientSecret: text.optional().describe('Its secret; better kept in an environment variable.'),
  idpClientSecretEnv: text.optional().describe('Environment variable that holds its secret.'),
  targetTokenUrl: text.describe('Where the target gives a token for the assertion.'),
  insecureTargetTokenUrl: z.boolean().optional().describe('Permits that without TLS.'),
  targetClientId: text.optional().describe('Client at the target.'),
  targetClientSecret: text.optional().describe('Its secret; better kept in an environment variable.'),
  targetClientSecretEnv: text.optional().describe('Environment variable that holds its secret.'),
  targetAudience: text.describe('Audience of the assertion: the authorization server of the target.'),
  targetResource: text.optional().describe('Resource that the token is for.'),
  scopes,
  subjectProviderName,
  subjectTokenType: text.optional().describe('Type of the token that is shown to the identity provider, as a URN.'),
});

const strategy = z.object({
  type: text.describe(
    '`unauthenticated`, `header_injection`, `token_exchange`, `upstream_inject`, `aws_sts`, `obo` or `xaa`.',
  ),
  headerInjection: headerInjection.optional().describe('Adds one header with a fixed value.'),
  tokenExchange: tokenExchange.optional().describe("Exchanges the caller's token for one that the backend accepts."),
  upstreamInject: upstreamInject.optional().describe('Sends the access token of an upstream.'),
  awsSts: awsSts.optional().describe("Trades the caller's token for AWS credentials and signs requests with them."),
  obo: obo.optional().describe('Acts on behalf of the caller in Microsoft Entra.'),
  xaa: xaa.optional().describe('Reaches an application of another domain by an identity assertion.'),
});

/** How a server that runs without an operator authenticates to its backends. */
export const configOutgoingAuth = z.object({
  source: text.describe('`inline` or `discovered`.'),
  default: strategy.optional().describe('For backends without one of their own.'),
  backends: z.record(z.string(), strategy).optional().describe('By name of the backend.'),
});

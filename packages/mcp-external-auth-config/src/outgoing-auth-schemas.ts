import { int32, rule } from '@trueup/core';
import { providerNameSchema as providerName, secretKeyRefSchema as secretKeyRef } from '@trueup/mcp-auth-server';
import { z } from 'zod';

const scopeList = z.array(z.string());

export const tokenExchange = z.object({
  tokenUrl: z
    .string()
    .min(1)
    .regex(/^https?:\/\/[^\s/?#]+/)
    .describe('Token endpoint of the authorization server that exchanges the token.'),
  clientId: z
    .string()
    .optional()
    .describe('OAuth client to authenticate as; may be absent where the server asks for none.'),
  clientSecretRef: secretKeyRef.optional().describe('Secret of that client.'),
  audience: z.string().min(1).describe('Audience the new token is asked for.'),
  scopes: scopeList.optional().describe('Scopes the new token is asked for.'),
  subjectTokenType: z
    .string()
    .regex(/^(access_token|id_token|jwt|urn:ietf:params:oauth:token-type:(access_token|id_token|jwt))?$/)
    .optional()
    .describe('What kind of token the caller presents; an access token when empty.'),
  externalTokenHeaderName: z
    .string()
    .optional()
    .describe('Header that carries the new token; empty replaces the Authorization header.'),
  subjectProviderName: z
    .string()
    .optional()
    .describe('Upstream provider whose token is exchanged; looked at by VirtualMCPServer only.'),
});

/** Headers that belong to one connection (RFC 7230, section 6.1), and so cannot be passed on to a backend. */
export const HOP_BY_HOP_HEADERS = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

export const HOP_BY_HOP_MESSAGE = 'headerName must not be a hop-by-hop header; proxies do not pass those on';

export const headerInjection = z.object({
  headerName: rule(
    z
      .string()
      .min(1)
      .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/),
    {
      rule: `!(self.lowerAscii() in [${HOP_BY_HOP_HEADERS.map((header) => `'${header}'`).join(', ')}])`,
      message: HOP_BY_HOP_MESSAGE,
    },
  ).describe('Name of the header to add to requests.'),
  valueSecretRef: secretKeyRef.describe('Where the value of the header is kept.'),
});

export const bearerToken = z.object({
  tokenSecretRef: secretKeyRef.describe('Where the bearer token is kept.'),
});

const roleArn = z.string().regex(/^arn:(aws|aws-cn|aws-us-gov):iam::\d{12}:role\/[\w+=,.@\-_/]+$/);

const roleMapping = rule(
  z.object({
    claim: z.string().min(1).optional().describe('Takes this role when the role claim holds this value.'),
    matcher: z.string().min(1).optional().describe('Takes this role when this CEL expression over `claims` is true.'),
    roleArn: roleArn.describe('The role to assume.'),
    priority: int32()
      .min(0)
      .optional()
      .describe('Lower numbers are tried first, mappings without one last; equal ones in the order of the list.'),
  }),
  { rule: 'has(self.claim) != has(self.matcher)', message: 'exactly one of claim or matcher must be set' },
);

export const awsSts = rule(
  z.object({
    region: z
      .string()
      .min(1)
      .regex(/^[a-z]{2}(-[a-z]+)+-\d+$/)
      .describe('AWS region of the endpoints that are called.'),
    service: z.string().default('aws-mcp').describe('Service name that requests are signed for (SigV4).'),
    fallbackRoleArn: roleArn.optional().describe('Role to assume when no mapping fits.'),
    roleMappings: z.array(roleMapping).optional().describe('Which callers assume which role.'),
    roleClaim: z.string().default('groups').describe('Claim of the token whose values the mappings look at.'),
    sessionDuration: int32().min(900).max(43200).default(3600).describe('How long the AWS session lasts, in seconds.'),
    sessionNameClaim: z.string().default('sub').describe('Claim of the token that names the session.'),
    subjectProviderName: z
      .string()
      .optional()
      .describe('Upstream provider whose token is presented to AWS; looked at by VirtualMCPServer only.'),
  }),
  {
    rule: '(has(self.fallbackRoleArn) && size(self.fallbackRoleArn) > 0) || (has(self.roleMappings) && size(self.roleMappings) > 0)',
    message: 'at least one of fallbackRoleArn or roleMappings must be configured',
  },
);

export const upstreamInject = z.object({
  providerName: z.string().min(1).describe('Upstream provider whose access token the backend receives.'),
});

/** `{}` must stay admissible: what belongs together is the business of the handler that is registered for the type. */
export const obo = z.object({
  tenantId: z
    .string()
    .max(253)
    .regex(
      /^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}|([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,})$/,
    )
    .optional()
    .describe('The Entra directory: its GUID or a verified domain.'),
  authority: z
    .string()
    .regex(/^https:\/\/[^\s?#@]+[^/\s?#@]$/)
    .optional()
    .describe('Login endpoint of a sovereign cloud, without a slash at the end; the public cloud when absent.'),
  clientId: z.string().optional().describe('The confidential client that asks on behalf of the caller.'),
  clientSecretRef: secretKeyRef.optional().describe('Secret of that client.'),
  audience: z.string().optional().describe('Target of the token where no scopes are given.'),
  scopes: z
    .array(z.string().min(1).max(256))
    .max(20)
    .optional()
    .describe('Scopes of the token; they win over the audience.'),
  subjectTokenProviderName: providerName
    .optional()
    .describe("Upstream provider whose token is the assertion; the caller's own token when absent."),
  cacheSkew: z.string().optional().describe('How long before its expiry a cached token is renewed, like 30s.'),
});

export const TARGET_TOKEN_URL_MESSAGE =
  'targetTokenUrl must be an https:// URL, or http:// with insecureTargetTokenUrl';

export const xaa = rule(
  z.object({
    idpTokenUrl: z
      .string()
      .regex(/^https:\/\/.*$/)
      .describe('Token endpoint of the identity provider, which issues the assertion.'),
    idpClientId: z.string().optional().describe('Client at the identity provider.'),
    idpClientSecretRef: secretKeyRef.optional().describe('Secret of that client.'),
    targetTokenUrl: z
      .string()
      .describe('Token endpoint of the target, which turns the assertion into an access token.'),
    insecureTargetTokenUrl: z.boolean().optional().describe('Permits a target token endpoint without TLS.'),
    targetClientId: z.string().optional().describe('Client at the target.'),
    targetClientSecretRef: secretKeyRef.optional().describe('Secret of that client.'),
    targetAudience: z.string().describe('Audience of the assertion: the authorization server of the target.'),
    targetResource: z.string().optional().describe('Resource the token is meant for (RFC 8707).'),
    scopes: scopeList.optional().describe('Scopes asked for in both steps.'),
    subjectProviderName: z.string().optional().describe('Upstream provider whose ID token proves who the caller is.'),
    subjectTokenType: z
      .enum(['urn:ietf:params:oauth:token-type:id_token'])
      .optional()
      .describe('What kind of token that is; an ID token is the only one there is.'),
  }),
  {
    rule: "self.targetTokenUrl.startsWith('https://') || (has(self.insecureTargetTokenUrl) && self.insecureTargetTokenUrl && self.targetTokenUrl.startsWith('http://'))",
    message: TARGET_TOKEN_URL_MESSAGE,
  },
);

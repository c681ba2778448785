import { pattern, rule } from '@trueup/core';
import { z } from 'zod';

const clientIds = z.array(z.string().min(1).max(256));

const resourceUrl = pattern(z.string().min(1).max(2048), '^https?://[^[:space:]]+$');

const jwtBearerGrant = rule(
  z.object({
    maxAssertionAge: z.string().describe('How old an assertion may be, like 5m.'),
    subjectBindings: z
      .array(
        z.object({
          subject: z
            .string()
            .min(1)
            .max(256)
            .regex(/^[^*]+$/)
            .describe('Subject of the assertion, spelled out in full.'),
          allowedResources: z.array(resourceUrl).min(1).max(50).describe('Resources this subject may ask tokens for.'),
        }),
      )
      .min(1)
      .max(50)
      .describe('Who may use the grant, and for what.'),
    acceptedAudiences: z
      .array(resourceUrl)
      .max(50)
      .optional()
      .describe('Audiences an assertion may have; the token endpoint when absent.'),
  }),
  { rule: "duration(self.maxAssertionAge) > duration('0s')", message: 'maxAssertionAge must be greater than zero' },
  {
    rule: 'self.subjectBindings.all(binding, self.subjectBindings.filter(other, other.subject == binding.subject).size() == 1)',
    message: 'subjectBindings must not contain duplicate subjects',
  },
);

const fields = z.object({
  issuerUrl: z.string().min(1).max(2048).describe('`iss` of the tokens that are trusted.'),
  expectedAudience: z.string().min(1).max(2048).optional().describe('`aud` those tokens must have.'),
  jwksUrl: z.string().max(2048).optional().describe('Keys of the issuer; discovered when absent.'),
  insecureAllowHTTP: z.boolean().optional().describe('Permits fetching keys without TLS.'),
  allowPrivateIPs: z.boolean().optional().describe('Permits fetching keys from private addresses.'),
  actorClaim: z.string().max(64).optional().describe('Claim that names the acting client; `azp` when absent.'),
  allowedActors: z
    .array(z.string().min(1).max(256))
    .max(50)
    .optional()
    .describe('Acting clients that are accepted; all when absent.'),
  actorMatcher: z.string().max(4096).optional().describe('CEL expression over `claims` that must be true.'),
  allowedDelegateClients: clientIds
    .min(1)
    .max(50)
    .optional()
    .describe('Our clients that may exchange tokens of this issuer; `*` alone permits all.'),
  allowMayAct: z.boolean().default(false).describe('Accepts the `may_act` claim as permission.'),
  jwtBearerGrant: jwtBearerGrant.optional().describe('Issues tokens for assertions of this issuer (RFC 7523).'),
});

const RULES = [
  {
    rule: "!has(self.allowedDelegateClients) || !('*' in self.allowedDelegateClients) || size(self.allowedDelegateClients) == 1",
    message: 'allowedDelegateClients must not combine the wildcard "*" with specific client IDs',
  },
  {
    rule: "!(has(self.allowMayAct) && self.allowMayAct && '*' in self.allowedDelegateClients)",
    message: 'allowMayAct must not be enabled when allowedDelegateClients contains the wildcard "*"',
  },
  {
    rule: "!has(self.actorClaim) || !(self.actorClaim in ['sub', 'iss', 'aud', 'exp', 'iat', 'nbf', 'jti', 'name', 'email', 'scope', 'scp', 'may_act'])",
    message: 'actorClaim must name a readable claim; use client_id or a non-reserved claim such as azp, appid, or cid',
  },
  {
    rule: '!(has(self.allowPrivateIPs) && self.allowPrivateIPs) || (has(self.jwksUrl) && self.jwksUrl != "")',
    message: 'allowPrivateIPs requires jwksUrl to be set explicitly',
  },
  {
    rule: '(has(self.jwtBearerGrant) && !((has(self.actorClaim) && size(self.actorClaim) > 0) || (has(self.actorMatcher) && size(self.actorMatcher) > 0) || (has(self.allowMayAct) && self.allowMayAct) || (has(self.allowedActors) && size(self.allowedActors) > 0))) || (has(self.expectedAudience) && size(self.expectedAudience) > 0)',
    message:
      'expectedAudience is required unless jwtBearerGrant is configured without actorClaim, actorMatcher, allowMayAct, or allowedActors',
  },
  {
    rule: '!((has(self.expectedAudience) && size(self.expectedAudience) > 0) || (has(self.actorClaim) && size(self.actorClaim) > 0) || (has(self.actorMatcher) && size(self.actorMatcher) > 0) || (has(self.allowMayAct) && self.allowMayAct)) || (has(self.allowedDelegateClients) && size(self.allowedDelegateClients) > 0)',
    message:
      'allowedDelegateClients is required when expectedAudience, actorClaim, actorMatcher, or allowMayAct is set',
  },
];

/** An issuer other than the embedded authorization server itself whose tokens it accepts. */
export const trustedIssuer = rule(fields, ...RULES);

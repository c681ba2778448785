import { ageColumn, column, conditionColumn, defineKind, rule, sharedConfigStatus, type ObjectOf } from '@trueup/core';
import { z } from 'zod';
import { caBundleSource } from './ca-bundle-schema.js';

const secretKeyRef = z.object({
  name: z.string().describe('Name of the Secret, in the same namespace.'),
  key: z.string().describe('Key within the Secret.'),
});

/** Where the cluster's own tokens come from, unless a config says otherwise. */
export const CLUSTER_ISSUER = 'https://kubernetes.default.svc';

const kubernetesServiceAccount = z.object({
  serviceAccount: z.string().optional().describe('Not looked at: tokens of every service account are accepted.'),
  namespace: z.string().optional().describe('Not looked at: tokens from every namespace are accepted.'),
  issuer: z.string().default(CLUSTER_ISSUER).describe('Issuer that tokens must name.'),
  jwksUrl: z.string().optional().describe('Where the keys are that tokens are signed with; discovered when empty.'),
  introspectionUrl: z.string().optional().describe('Endpoint that tells about opaque tokens (RFC 7662).'),
  useClusterAuth: z
    .boolean()
    .optional()
    .describe("Fetches keys with the pod's own CA bundle and token, from private addresses too. Yes when absent."),
});

const inline = z.object({
  issuer: z.string().min(1).describe('Issuer that tokens must name, letter by letter; keys are discovered there.'),
  jwksUrl: z.string().optional().describe('Where the keys are that tokens are signed with; discovered when empty.'),
  introspectionUrl: z.string().optional().describe('Endpoint that tells about opaque tokens (RFC 7662).'),
  clientId: z.string().optional().describe('Client to authenticate as at the introspection endpoint.'),
  clientSecretRef: secretKeyRef.optional().describe('Secret of that client.'),
  caBundleRef: caBundleSource.optional().describe('Certificate authorities to trust when talking to the provider.'),
  jwksAuthTokenPath: z
    .string()
    .optional()
    .describe('File in the proxy with the bearer token for requests to the key set.'),
  jwksAllowPrivateIP: z.boolean().default(false).describe('Permits a key set at a private address.'),
  protectedResourceAllowPrivateIP: z
    .boolean()
    .default(false)
    .describe('Permits a protected-resource document at a private address.'),
  insecureAllowHTTP: z
    .boolean()
    .default(false)
    .describe('Permits an issuer and endpoints without TLS; for development only.'),
});

/** How workloads find out who calls them: which tokens they accept, and how these are checked. */
export const MCPOIDCConfig = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPOIDCConfig',
  shortNames: ['mcpoidc'],
  categories: ['toolhive'],
  description: 'Authentication of callers by OpenID Connect, shared by the workloads that refer to it.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: {
    v1alpha1: { deprecated: 'toolhive.stacklok.dev/v1alpha1 is deprecated; use v1beta1' },
    v1beta1: { storage: true },
  },
  spec: rule(
    z.object({
      type: z
        .enum(['kubernetesServiceAccount', 'inline'])
        .describe('Who issues the tokens; the member of the same name holds the settings.'),
      kubernetesServiceAccount: kubernetesServiceAccount
        .optional()
        .describe('Accepts tokens that a Kubernetes cluster issues to its service accounts.'),
      inline: inline.optional().describe('Accepts tokens of any OpenID Connect provider.'),
    }),
    {
      rule: "self.type == 'kubernetesServiceAccount' ? has(self.kubernetesServiceAccount) : !has(self.kubernetesServiceAccount)",
      message:
        "kubernetesServiceAccount must be set when type is 'kubernetesServiceAccount', and must not be set otherwise",
    },
    {
      rule: "self.type == 'inline' ? has(self.inline) : !has(self.inline)",
      message: "inline must be set when type is 'inline', and must not be set otherwise",
    },
  ),
  status: sharedConfigStatus(),
  columns: [
    column('Source', '.spec.type'),
    conditionColumn('Valid'),
    column('References', '.status.referenceCount', { type: 'integer' }),
    ageColumn(),
  ],
});
export type MCPOIDCConfig = ObjectOf<typeof MCPOIDCConfig>;

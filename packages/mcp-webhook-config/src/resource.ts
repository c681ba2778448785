import {
  ageColumn,
  column,
  conditionColumn,
  defineKind,
  listMap,
  rule,
  sharedConfigStatus,
  type ObjectOf,
} from '@trueup/core';
import { z } from 'zod';

const secretKeyRef = z.object({
  name: z.string().describe('Name of the Secret, in the namespace of this object.'),
  key: z.string().describe('Key within the Secret.'),
});
export type SecretKeyRef = z.output<typeof secretKeyRef>;

const tlsConfig = rule(
  z.object({
    caSecretRef: secretKeyRef
      .optional()
      .describe('The certificate authority that vouches for the webhook; those of the system when absent.'),
    clientCertSecretRef: secretKeyRef.optional().describe('The certificate by which the proxy shows who it is.'),
    clientKeySecretRef: secretKeyRef.optional().describe('The private key of that certificate.'),
    insecureSkipVerify: z
      .boolean()
      .optional()
      .describe('Trusts any certificate and permits http. For development and inside a cluster only.'),
  }),
  {
    rule: 'has(self.clientCertSecretRef) == has(self.clientKeySecretRef)',
    message: 'clientCertSecretRef and clientKeySecretRef must be set together',
  },
);

const webhook = z.object({
  name: z
    .string()
    .min(1)
    .max(63)
    .describe('Tells the webhook from the others of its list; in logs and in the paths of its files.'),
  url: z.url().describe('Where the webhook is called. Must be https, unless `tlsConfig.insecureSkipVerify` is set.'),
  // The format `duration` of the API server takes `3 days`, which no client of this kind can read.
  timeout: z
    .string()
    .regex(/^([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+$/)
    .optional()
    .describe('How long a call may take, from 1s to 30s. 10s when absent or zero.'),
  failurePolicy: z
    .enum(['fail', 'ignore'])
    .default('fail')
    .describe('What happens to the request when the webhook cannot be asked: it is denied, or goes on.'),
  tlsConfig: tlsConfig.optional().describe('Certificates for the call.'),
  hmacSecretRef: secretKeyRef.optional().describe('The key with which calls are signed (HMAC); unsigned when absent.'),
});

const webhooks = () => listMap(z.array(webhook), ['name']).optional();

/** HTTP webhooks that the proxy of a server asks about every MCP request. */
export const MCPWebhookConfig = defineKind({
  group: 'toolhive.stacklok.dev',
  kind: 'MCPWebhookConfig',
  shortNames: ['mwc'],
  categories: ['toolhive'],
  description: 'Webhooks that may change or deny MCP requests, shared by the workloads that refer to them.',
  labels: { 'toolhive.stacklok.dev/auto-migrate-storage-version': 'true' },
  versions: { v1alpha1: {} },
  spec: rule(
    z.object({
      validating: webhooks().describe('Webhooks that may deny a request; called in order, after all mutating ones.'),
      mutating: webhooks().describe('Webhooks that may change a request; called in order.'),
    }),
    {
      rule: '(has(self.validating) ? size(self.validating) : 0) + (has(self.mutating) ? size(self.mutating) : 0) > 0',
      message: 'at least one validating or mutating webhook must be defined',
    },
  ),
  specRequired: true,
  status: sharedConfigStatus(),
  columns: [conditionColumn('Valid'), column('References', '.status.referenceCount', { type: 'integer' }), ageColumn()],
});
export type MCPWebhookConfig = ObjectOf<typeof MCPWebhookConfig>;
export type Webhook = z.output<typeof webhook>;

import type { MCPWebhookConfig, SecretKeyRef, Webhook } from './resource.js';

/** A value as it may be in the store: written before some rule of the schema existed, so that anything can be missing. */
type Stored<T> = T extends string ? string : T extends object ? { readonly [Field in keyof T]?: Stored<T[Field]> } : T;

export type StoredWebhook = Stored<Webhook>;
export type StoredSecretKeyRef = Stored<SecretKeyRef>;

/** The two lists of webhooks, in the order in which they are checked. */
export const WEBHOOK_KINDS = ['validating', 'mutating'] as const satisfies readonly (keyof MCPWebhookConfig['spec'])[];
export type WebhookKind = (typeof WEBHOOK_KINDS)[number];

export type StoredSpec = { readonly [List in WebhookKind]?: readonly StoredWebhook[] | undefined };

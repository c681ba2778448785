/** How the API server reaches the webhooks of an operator: through a Service, or directly. */
export type WebhookTarget =
  | { readonly service: { readonly name: string; readonly namespace: string; readonly port: number } }
  /** `https://host:port`; below it are the paths of the webhooks. */
  | { readonly url: string };

/** `clientConfig` of a webhook. */
export type WebhookClientConfig = {
  /** Base64 of the PEM certificates to trust; absent: somebody else fills it in. */
  readonly caBundle?: string;
} & (
  | { readonly url: string }
  | {
      readonly service: {
        readonly name: string;
        readonly namespace: string;
        readonly port: number;
        readonly path: string;
      };
    }
);

/** @param authorities - PEM; absent: somebody else fills them in. */
export function webhookClientConfig(target: WebhookTarget, path: string, authorities?: string): WebhookClientConfig {
  const trust = authorities === undefined ? {} : { caBundle: caBundleOf(authorities) };
  if ('service' in target) return { service: { ...target.service, path }, ...trust };
  return { url: `${target.url.replace(/\/$/, '')}${path}`, ...trust };
}

export function caBundleOf(authorities: string): string {
  return Buffer.from(authorities).toString('base64');
}

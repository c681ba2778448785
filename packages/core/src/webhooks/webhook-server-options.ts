/** How the API server reaches the webhooks of an operator. */
export type WebhookAddress =
  /** Through a Service. Default: the port 443 of the Service `<name>-webhook` in the namespace the operator runs in. */
  | { readonly service: { readonly name?: string; readonly namespace?: string; readonly port?: number } }
  /** At this URL, `https://laptop.example.com:9443`, which leads here somehow. */
  | { readonly url: string }
  /** The API server runs on this machine, and reaches the port that this server listens on. */
  | 'local';

/** How the webhooks of an operator are served. */
export interface WebhookServerOptions {
  /** Where the server listens, over HTTPS: `:9443`, which is the default, or `127.0.0.1:0` for any port that is free. */
  readonly bindAddress?: string;
  /** Default: through the Service. */
  readonly address?: WebhookAddress;
  /**
   * A folder with `tls.crt` and `tls.key`, as a Secret of cert-manager is mounted; files that change are taken up. The API
   * server must be told by others whom to trust. Default: the operator issues its certificates itself, keeps them in the
   * Secret `<name>-webhook-certificate`, renews them in time, and tells the API server.
   */
  readonly certificateFolder?: string;
}

export const DEFAULT_WEBHOOK_BIND_ADDRESS = ':9443';

/** Name of the Service that the webhooks of an operator are reached through, unless another is named. */
export function webhookServiceName(operatorName: string): string {
  return `${operatorName}-webhook`;
}

/** Name of the Secret that the certificates are kept in. */
export function webhookCertificateName(operatorName: string): string {
  return `${operatorName}-webhook-certificate`;
}

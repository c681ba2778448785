/** A kubeconfig file's content, for one cluster and one user. */
export interface Kubeconfig {
  readonly apiVersion: 'v1';
  readonly kind: 'Config';
  readonly clusters: readonly { readonly name: string; readonly cluster: Readonly<Record<string, unknown>> }[];
  readonly users: readonly { readonly name: string; readonly user: Readonly<Record<string, unknown>> }[];
  readonly contexts: readonly { readonly name: string; readonly context: Readonly<Record<string, string>> }[];
  readonly 'current-context': string;
  readonly preferences: Readonly<Record<string, never>>;
}

/** Cluster, user and context all bear the name. */
export function makeKubeconfig(
  name: string,
  { url, token, caCertificate }: { url: string; token: string; caCertificate?: string },
): Kubeconfig {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: url,
          ...(caCertificate === undefined
            ? {}
            : { 'certificate-authority-data': Buffer.from(caCertificate).toString('base64') }),
        },
      },
    ],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
    preferences: {},
  };
}

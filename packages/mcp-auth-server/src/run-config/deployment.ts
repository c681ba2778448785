/** The workload that runs an embedded authorization server, as far as the server must know it. */
export interface AuthServerDeployment {
  readonly namespace: string;
  readonly name: string;
  /** What the tokens are good for: the URL of the resource, and nothing else. */
  readonly allowedAudiences: readonly string[];
  /** `oidcConfigRef.scopes`; the default scopes when there are none. */
  readonly scopesSupported?: readonly string[] | undefined;
  /** Where clients reach the workload; the default of redirect URIs stands below it. */
  readonly resourceUrl?: string | undefined;
}

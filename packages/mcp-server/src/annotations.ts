/** On a server: when its proxies are to be restarted (RFC 3339). On their pod template: when that was last done. */
export const RESTARTED_AT = 'mcpserver.toolhive.stacklok.dev/restarted-at';
/** On a server: `rolling`, the default, or `immediate`. */
export const RESTART_STRATEGY = 'mcpserver.toolhive.stacklok.dev/restart-strategy';
/** On a server and on its Deployment: the request that was carried out last. */
export const LAST_PROCESSED_RESTART = 'mcpserver.toolhive.stacklok.dev/last-processed-restart';
/** On the pod template: the checksum of the run configuration the pods run by. */
export const RUN_CONFIG_CHECKSUM = 'toolhive.stacklok.dev/runconfig-checksum';
/** On the pod templates of proxy and backend: a digest of the secrets that pods take in only when they start. */
export const SECRETS_DIGEST = 'toolhive.stacklok.dev/secrets-digest';

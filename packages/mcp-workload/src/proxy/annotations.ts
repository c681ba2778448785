/** On a pod template: the checksum of the run configuration the pods run by. */
export const RUN_CONFIG_CHECKSUM = 'toolhive.stacklok.dev/runconfig-checksum';
/** On the pod templates of proxy and backend: a digest of the secrets that pods take in only when they start. */
export const SECRETS_DIGEST = 'toolhive.stacklok.dev/secrets-digest';

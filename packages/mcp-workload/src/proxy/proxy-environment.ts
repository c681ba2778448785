import type { EnvVar } from '@trueup/core';

/** A key of a Secret. */
export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

/** Where the proxy runner looks for the password of the Redis that holds sessions. */
export const SESSION_REDIS_PASSWORD = 'THV_SESSION_REDIS_PASSWORD';

const DEFAULTS: readonly EnvVar[] = [
  { name: 'XDG_CONFIG_HOME', value: '/tmp' },
  { name: 'HOME', value: '/tmp' },
  { name: 'TOOLHIVE_RUNTIME', value: 'kubernetes' },
  { name: 'UNSTRUCTURED_LOGS', value: 'false' },
];

/** Makes the runner look for secrets in its environment. */
const SECRETS_PROVIDER: EnvVar = { name: 'TOOLHIVE_SECRETS_PROVIDER', value: 'environment' };

/** A variable whose value is a key of a Secret; a pod does not start without it. */
export function secretVariable(name: string, { name: secret, key }: SecretKey): EnvVar {
  return { name, valueFrom: { secretKeyRef: { name: secret, key } } };
}

/** The password of the Redis that holds sessions. */
export function redisPassword({ passwordRef }: { readonly passwordRef?: SecretKey } = {}): readonly EnvVar[] {
  return passwordRef === undefined ? [] : [secretVariable(SESSION_REDIS_PASSWORD, passwordRef)];
}

/**
 * The environment of a proxy container: what the workload brings, then what the runner needs and nobody has set.
 *
 * A list of variables that is applied server side holds each name once, so of several the last one counts, as it would in
 * the container.
 */
export function proxyEnvironment(variables: readonly EnvVar[]): readonly EnvVar[] {
  const names = new Set(variables.map(({ name }) => name));
  const needsSecrets = variables.some(({ name }) => name.startsWith('TOOLHIVE_SECRET_'));
  return lastOfEachName([
    ...variables,
    ...DEFAULTS.filter(({ name }) => !names.has(name)),
    ...(needsSecrets ? [SECRETS_PROVIDER] : []),
  ]);
}

function lastOfEachName(variables: readonly EnvVar[]): readonly EnvVar[] {
  return variables.filter(({ name }, index) => variables.findLastIndex((other) => other.name === name) === index);
}

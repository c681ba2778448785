import type { KubeConfig } from '@kubernetes/client-node';
import { RenewingCredentials, type CredentialProvider } from './credentials.js';
import { systemClock } from './clock.js';
import { CredentialsError } from './errors.js';
import type { Fields } from './fields.js';

/** client-node keeps the tokens itself and renews expired ones; asked now and then is often enough. */
const RENEWAL_MS = 30_000;

/**
 * Credentials of an `auth-provider` entry (OIDC, mostly): the one kind that takes a protocol to obtain, which
 * client-node has. It is loaded here and nowhere else, and only when such an entry is used: 0.6 s, 90 MB.
 */
export function authProviderCredentials(authProvider: Fields): CredentialProvider {
  // One for good: it holds the refresh token, which may change with every use.
  let config: KubeConfig | undefined;
  return new RenewingCredentials(async () => {
    config ??= await loadConfig(authProvider);
    const options: { headers?: Record<string, unknown> } = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new CredentialsError(`${authProvider.path}: ${authProvider.text('name')} gave no credentials`, {
        cause: error,
      });
    }
    const authorization = options.headers?.['Authorization'];
    return {
      credentials: typeof authorization === 'string' ? { authorization } : {},
      renewAtMs: systemClock.now() + RENEWAL_MS,
    };
  });
}

async function loadConfig(authProvider: Fields): Promise<KubeConfig> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromOptions({
    clusters: [{ name: 'cluster', server: 'https://cluster.invalid', skipTLSVerify: false }],
    users: [{ name: 'user', authProvider: structuredClone(authProvider.raw) }],
    contexts: [{ name: 'context', cluster: 'cluster', user: 'user' }],
    currentContext: 'context',
  });
  return config;
}

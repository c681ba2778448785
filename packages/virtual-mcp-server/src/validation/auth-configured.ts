import { isSpecError, verdict, type Context, type StatedVerdict } from '@trueup/core';
import type { Configuration } from '../configuration.js';
import { missingSecret } from './secrets.js';

/** The condition `AuthConfigured`: every Secret is there, and policies can be enforced. */
export async function authConfigured(configuration: Configuration, ctx: Context): Promise<StatedVerdict> {
  const { server, podParts } = configuration;
  const missing = await missingSecret(podParts.secrets, server.metadata.namespace ?? '', ctx);
  if (missing !== undefined) return invalid(missing);
  try {
    await configuration.authz;
  } catch (error) {
    if (!isSpecError(error)) throw error;
    const isInline = server.spec.incomingAuth.authzConfig?.configMap === undefined;
    return isInline ? invalid(error.message) : invalidConfigMap(error.message);
  }
  return verdict.true('AuthValid', 'Authentication configuration is valid');
}

const invalid = (problem: string) =>
  verdict.false('AuthInvalid', `Authentication configuration is invalid: ${problem}`);

function invalidConfigMap(problem: string): StatedVerdict {
  const reason = problem.startsWith('failed to get Authz ConfigMap ')
    ? 'AuthzConfigMapNotFound'
    : 'AuthzConfigMapInvalid';
  return verdict.false(reason, `Authorization ConfigMap is invalid: ${problem}`);
}

/** The event that tells of a False verdict. */
export function authConfiguredEvent({ reason, message }: StatedVerdict) {
  return reason === 'AuthInvalid'
    ? {
        reason: 'SecretValidationFailed',
        action: 'ValidateSecrets',
        note: message.replace(/^Authentication configuration is invalid/, 'Secret validation failed'),
      }
    : {
        reason,
        action: 'ValidateAuthzConfigMap',
        note: message.replace(/^Authorization ConfigMap is invalid/, 'Authz ConfigMap validation failed'),
      };
}

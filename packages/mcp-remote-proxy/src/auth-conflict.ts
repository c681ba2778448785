import { SpecError, type Context } from '@trueup/core';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { authServerRef } from './references/auth-server-ref.js';
import { externalAuthRef } from './references/external-auth-ref.js';

/**
 * Refuses two references that are good each and do not go together.
 * @throws {@link SpecError} that `AuthServerRefValidated` shows.
 */
export function requireCompatibleAuth(ctx: Context): void {
  const server = ctx.reference(authServerRef);
  const outgoing = ctx.reference(externalAuthRef);
  // A config that is being judged anew still is what it is: its edit must not make the verdict flap.
  const isThere = outgoing.state === 'usable' || (outgoing.state === 'unusable' && outgoing.cause === 'stale');
  if (server.state !== 'usable' || !isThere || outgoing.config === undefined) return;
  const conflict = conflictBetween(server.config, outgoing.config);
  if (conflict === undefined) return;
  throw new SpecError(`Failed to build configuration: ${conflict.lead ?? ''}${conflict.message}`, {
    condition: { type: authServerRef.condition, reason: 'AuthServerRefInvalidConfig' },
    conditionMessage: conflict.message,
  });
}

interface Conflict {
  readonly message: string;
  /** What the summary says before it. */
  readonly lead?: string;
}

function conflictBetween(server: MCPExternalAuthConfig, outgoing: MCPExternalAuthConfig): Conflict | undefined {
  const { type } = outgoing.spec;
  if (type === 'embeddedAuthServer') {
    return {
      lead: 'failed to process authServerRef: ',
      message:
        'conflict: both authServerRef and externalAuthConfigRef reference an embedded auth server; ' +
        'use authServerRef for the embedded auth server and externalAuthConfigRef for outgoing auth only',
    };
  }
  const isStripped = server.spec.embeddedAuthServer?.disableUpstreamTokenInjection === true;
  if (!isStripped || (type !== 'tokenExchange' && type !== 'awsSts')) return undefined;
  return { message: `disableUpstreamTokenInjection cannot be combined with ${ADDED_AGAIN[type]}` };
}

/** What puts back the header that the authorization server takes away. */
const ADDED_AGAIN = {
  tokenExchange: 'token exchange: token exchange would re-add an Authorization header after strip-auth removes it',
  awsSts: 'AWS STS: SigV4 signing would re-add credentials after strip-auth removes them',
} as const;

import { SpecError, type Context } from '@trueup/core';
import { authServerRef } from './references/auth-server-ref.js';
import { externalAuthRef } from './references/external-auth-ref.js';
import { CREATE_RUN_CONFIG } from './stages.js';

/**
 * Stops before a server whose proxy would have to run an authorization server.
 *
 * This operator cannot make its configuration yet. Deployed without it, the proxy would let nobody in, or worse; so nothing
 * is deployed, though the references are judged as they will be.
 *
 * @throws {@link SpecError} when the server refers to one, or to two.
 */
export function refuseEmbeddedAuthServer(references: Pick<Context, 'reference'>): void {
  const authServer = references.reference(authServerRef);
  const externalAuth = references.reference(externalAuthRef);
  const isEmbedded = externalAuth.state === 'usable' && externalAuth.config.spec.type === 'embeddedAuthServer';
  if (authServer.state === 'usable' && isEmbedded) {
    const conflict =
      'conflict: both authServerRef and externalAuthConfigRef reference an embedded auth server; ' +
      'use authServerRef for the embedded auth server and externalAuthConfigRef for outgoing auth only';
    throw new SpecError(`${CREATE_RUN_CONFIG}failed to process authServerRef: ${conflict}`, {
      condition: { type: authServerRef.condition, reason: 'AuthServerRefInvalidConfig' },
      conditionMessage: conflict,
    });
  }
  const name = authServer.state === 'usable' ? authServer.name : isEmbedded ? externalAuth.name : undefined;
  if (name === undefined) return;
  throw new SpecError(
    `MCPExternalAuthConfig '${name}' embeds an authorization server, which this operator cannot run in a proxy yet; nothing is deployed`,
  );
}

import { isJsonObject, type JsonObject } from '../object.js';
import { invalid } from '../resources/errors.js';
import { timestamp } from '../clock.js';
import { invalid as invalidField } from '../schema/field-error.js';
import type { StoredObject } from '../storage/table.js';
import type { HandlerContext } from './resource-request.js';

const DEFAULT_LIFETIME_SECONDS = 3600;
const SHORTEST_LIFETIME_SECONDS = 600;

/** Answers a TokenRequest for a service account. @throws 422 for a token that would live too short. */
export function requestToken(
  account: StoredObject,
  body: JsonObject,
  { pipeline, authenticator }: HandlerContext,
): JsonObject {
  const spec = isJsonObject(body['spec']) ? body['spec'] : {};
  const asked = spec['expirationSeconds'];
  const seconds = typeof asked === 'number' ? asked : DEFAULT_LIFETIME_SECONDS;
  const { name = '', namespace = '', uid = '' } = account.metadata;
  if (seconds < SHORTEST_LIFETIME_SECONDS) {
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, name, [
      invalidField('spec.expirationSeconds', seconds, 'may not specify a duration less than 10 minutes'),
    ]);
  }
  const named = Array.isArray(spec['audiences']) ? spec['audiences'].map(String) : [];
  const expiresAt = new Date(pipeline.now().getTime() + seconds * 1000);
  const { token, audiences } = authenticator.serviceAccounts.issue({
    name,
    namespace,
    uid,
    audiences: named,
    expiresAt,
  });
  return {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, creationTimestamp: timestamp(pipeline.now()) },
    spec: { ...spec, audiences, expirationSeconds: seconds },
    status: { token, expirationTimestamp: timestamp(expiresAt) },
  };
}

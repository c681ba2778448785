import { stringAt } from '../access.js';
import type { JsonObject } from '../object.js';
import { parseApiVersion } from '../resources/registry.js';
import { WebhookError } from './webhook-client.js';

/**
 * Refuses answers that are another kind of object. One that says nothing of its kind passes: it is found out later.
 *
 * @throws {@link WebhookError}
 */
export function checkReviewType(review: JsonObject, answer: JsonObject): void {
  const kind = stringAt(review, 'kind');
  const found = stringAt(answer, 'kind');
  const apiVersion = stringAt(answer, 'apiVersion');
  const expected = stringAt(review, 'apiVersion');
  if ((apiVersion === '' || apiVersion === expected) && (found === '' || found === kind)) return;
  const { group, version: wanted } = parseApiVersion(expected);
  const { group: foundGroup, version } = parseApiVersion(apiVersion);
  if (foundGroup === group && found === kind) {
    throw new WebhookError(`converting (${version}.${kind}) to (${wanted}.${kind}): unknown conversion`);
  }
  throw new WebhookError(
    `no kind ${JSON.stringify(found)} is registered for version ${JSON.stringify(apiVersion)} in scheme "pkg/runtime/scheme.go:110"`,
  );
}

import { numberAt, objectAt, objectsAt, stringAt, stringsAt } from '../access.js';
import type { JsonObject } from '../object.js';
import type { StoredObject } from '../storage/table.js';
import { CONDITION_VARIABLES } from './admission-expression.js';
import { readMatchCriteria, type MatchCriteria } from './match-criteria.js';
import { MatchConditions } from './match-conditions.js';

/** One webhook of a MutatingWebhookConfiguration or ValidatingWebhookConfiguration. */
export interface Webhook {
  readonly name: string;
  readonly clientConfig: JsonObject;
  readonly criteria: MatchCriteria;
  readonly conditions: MatchConditions;
  /** What goes wrong with the webhook itself is overlooked. */
  readonly isOptional: boolean;
  readonly timeoutSeconds: number;
  /** Called again when the object was changed after it; mutating webhooks only. */
  readonly isReinvoked: boolean;
  readonly allowsDryRun: boolean;
  /** `v1` or `v1beta1`: the first that both sides know. */
  readonly reviewVersion: string;
}

const REVIEW_VERSIONS = ['v1', 'v1beta1'];

const known = new WeakMap<StoredObject, readonly Webhook[]>();

/** The webhooks of configurations, in the order of the configurations' names. */
export function webhooksOf(configurations: readonly StoredObject[]): Webhook[] {
  return configurations.flatMap((configuration) => {
    let webhooks = known.get(configuration);
    if (!webhooks) known.set(configuration, (webhooks = objectsAt(configuration, 'webhooks').map(readWebhook)));
    return webhooks;
  });
}

function readWebhook(webhook: JsonObject): Webhook {
  const sideEffects = stringAt(webhook, 'sideEffects');
  const version = stringsAt(webhook, 'admissionReviewVersions').find((name) => REVIEW_VERSIONS.includes(name));
  return {
    name: stringAt(webhook, 'name'),
    clientConfig: objectAt(webhook, 'clientConfig'),
    criteria: readMatchCriteria(webhook, 'rules'),
    conditions: new MatchConditions(webhook, CONDITION_VARIABLES),
    isOptional: stringAt(webhook, 'failurePolicy') === 'Ignore',
    timeoutSeconds: numberAt(webhook, 'timeoutSeconds'),
    isReinvoked: stringAt(webhook, 'reinvocationPolicy') === 'IfNeeded',
    allowsDryRun: sideEffects === 'None' || sideEffects === 'NoneOnDryRun',
    reviewVersion: version ?? 'v1',
  };
}

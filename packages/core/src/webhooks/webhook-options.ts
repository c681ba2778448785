import type { LabelSelector } from '../builtin-kinds.js';
import type { AdmissionOperation } from './admission-request.js';

/** What a validating and a mutating webhook have in common. Defaults are the safe choice, not always that of Kubernetes. */
export interface WebhookOptions<Operation extends AdmissionOperation> {
  /** What is done to an object. Default: CREATE and UPDATE. */
  readonly operations?: readonly Operation[];
  /**
   * Asked about writes of this subresource instead of the object's own. For those whose body is the whole object, like
   * `status`.
   */
  readonly subresource?: string;
  /**
   * What becomes of a request when the webhook cannot be reached, is too slow or throws. `Fail` (default): it is refused.
   * `Ignore`: it goes on unasked.
   */
  readonly failurePolicy?: 'Fail' | 'Ignore';
  /** How long the API server waits, in seconds from 1 to 30. Default 10. Whoever writes waits as long. */
  readonly timeoutSeconds?: number;
  /** Only objects with such labels. Users can change labels: nothing to enforce rules by. */
  readonly objectSelector?: LabelSelector;
  /** Only in namespaces with such labels. */
  readonly namespaceSelector?: LabelSelector;
  /**
   * Asked about `kube-system` and the operator's own namespace, too. By default a webhook for a kind that the operator does
   * not bring is not: while the operator is down nothing could start there, not even the operator.
   */
  readonly includeSystemNamespaces?: boolean;
  /**
   * Conditions in CEL on `object`, `oldObject`, `request` and `authorizer` that must all hold; what does not match is not
   * sent at all. Names are unique in the webhook.
   */
  readonly matchConditions?: readonly { readonly name: string; readonly expression: string }[];
  /** `NoneOnDryRun`: the webhook does more than answer, but not when `isDryRun`. Default `None`. */
  readonly sideEffects?: 'None' | 'NoneOnDryRun';
  /** One word of the webhook's name, lower case with hyphens. Default: the method's name, in that form. */
  readonly name?: string;
}

export type ValidatesOptions = WebhookOptions<AdmissionOperation>;

export interface MutatesOptions extends WebhookOptions<'CREATE' | 'UPDATE'> {
  /** Asked once more when another webhook changes the object afterwards. Default false. */
  readonly reinvoked?: boolean;
}

import type { KindOf } from '../kind/kind.js';
import type { AdmissionOperation } from './admission-request.js';
import type { MutatesOptions, WebhookOptions } from './webhook-options.js';

/** What `@Validates` and `@Mutates` record of a method. */
export interface WebhookRecord {
  readonly type: 'validating' | 'mutating';
  readonly kind: KindOf;
  readonly method: string;
  readonly options: WebhookOptions<AdmissionOperation> & Pick<MutatesOptions, 'reinvoked'>;
}

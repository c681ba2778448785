import type { Logger } from '@trueup/kube';
import type { UsedContents } from '../content/used-contents.js';
import type { OwnWrites } from './own-writes.js';

/** What belongs to one reconcile of one object. */
export interface Run {
  readonly writes: OwnWrites;
  readonly contents: UsedContents;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

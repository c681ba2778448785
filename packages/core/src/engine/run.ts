import type { Client, Logger } from '@trueup/kube';
import type { UsedContents } from '../content/used-contents.js';
import type { OwnWrites } from './own-writes.js';
import type { Progress } from './progress.js';

/** What belongs to one reconcile of one object. */
export interface Run {
  readonly writes: OwnWrites;
  readonly contents: UsedContents;
  readonly signal: AbortSignal;
  /** Whose calls end with the signal. */
  readonly client: Client;
  readonly progress: Progress;
  readonly log: Logger;
}

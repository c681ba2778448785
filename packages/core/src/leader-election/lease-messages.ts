import type { ClusterConnection, Credentials } from '@trueup/kube';
import type { LeaseTiming } from './lease-timing.js';

/** What the lease thread is started with. */
export interface LeaseThreadData {
  /** The cluster, without what a thread can't be given: functions. Those are asked for by messages. */
  readonly cluster: Omit<ClusterConnection, 'credentials' | 'reloadCa'>;
  readonly canReloadCa: boolean;
  readonly credentials: Credentials;
  readonly userAgent: string;
  readonly lease: { readonly namespace: string; readonly name: string };
  readonly identity: string;
  readonly timing: LeaseTiming;
  /** One 64-bit integer: until when the lease is held, in milliseconds since the epoch; 0 when it is not. */
  readonly heldUntil: SharedArrayBuffer;
}

/** From the lease thread. */
export type LeaseThreadMessage =
  | { readonly type: 'acquired' }
  | { readonly type: 'held'; readonly by: string }
  | { readonly type: 'failed'; readonly message: string }
  /** The last one: what it was about is over. */
  | {
      readonly type: 'ended';
      readonly end: { readonly kind: 'left' } | { readonly kind: 'lost'; readonly why: string };
    }
  /** Answered with a message of type `credentials`. */
  | { readonly type: 'needs credentials'; readonly refused?: Credentials }
  /** Answered with a message of type `ca`. */
  | { readonly type: 'needs ca' };

/** To the lease thread. */
export type LeaseThreadRequest =
  | { readonly type: 'leave' }
  | { readonly type: 'credentials'; readonly credentials: Credentials }
  | { readonly type: 'ca'; readonly ca: string };

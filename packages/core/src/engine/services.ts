import type { Client, Clock, KubernetesObject, Logger, Operation, Store } from '@trueup/kube';
import type { ContentWatch } from '../content/content-watch.js';
import type { EventRecorder } from '../events/event-recorder.js';
import type { EngineObserver } from './engine-observer.js';
import type { KindOf } from '../kind/kind.js';

/** What the engine needs from around it. */
export interface EngineServices {
  readonly client: Client;
  readonly clock: Clock;
  /** Spreads retries; from 0 to 1. */
  readonly random: () => number;
  readonly events: EventRecorder;
  readonly log: Logger & { child(fields: Readonly<Record<string, unknown>>): Logger };
  readonly content: ContentWatch;
  /** Field managers of an operator that this one takes over from. */
  readonly formerManagers: readonly string[];
  /** Told what goes on. */
  readonly observer?: EngineObserver;
  /** Throws when a call of a reconcile must not be made now. Absent: all may be made. */
  readonly admit?: (operation: Operation) => void;
  /** Whether an object is this instance's to reconcile. Absent: all are. */
  handles?(object: KubernetesObject): boolean;
  /** The shared cache of a kind; the same one for everybody who asks. */
  store<T extends KubernetesObject>(kind: KindOf<T>): Store<T>;
  /** Whether that cache has been filled once. */
  hasSynced(kind: KindOf): boolean;
}

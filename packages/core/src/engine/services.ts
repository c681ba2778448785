import type { Client, Clock, KubernetesObject, Logger, Store } from '@trueup/kube';
import type { ContentWatch } from '../content/content-watch.js';
import type { EventRecorder } from '../events/event-recorder.js';
import type { KindOf } from '../kind/kind.js';

/** What the engine needs from around it. */
export interface EngineServices {
  readonly client: Client;
  readonly clock: Clock;
  readonly events: EventRecorder;
  readonly log: Logger & { child(fields: Readonly<Record<string, unknown>>): Logger };
  readonly content: ContentWatch;
  /** The shared cache of a kind; the same one for everybody who asks. */
  store<T extends KubernetesObject>(kind: KindOf<T>): Store<T>;
  /** Whether that cache has been filled once. */
  hasSynced(kind: KindOf): boolean;
}

import { randomBytes } from 'node:crypto';
import type { Client, Clock, KubernetesObject, Logger } from '@trueup/kube';
import { messageOf } from '../errors.js';

const EVENT = { group: 'events.k8s.io', version: 'v1', kind: 'Event', plural: 'events', namespaced: true } as const;
/** @see {@link https://github.com/kubernetes/api/blob/v0.34.1/events/v1/types.go | events.k8s.io/v1}: a note is at most 1 kB */
const MAX_NOTE_LENGTH = 1024;

export interface EventNote {
  readonly type: 'Normal' | 'Warning';
  /** Why it happened, CamelCase. */
  readonly reason: string;
  /** What was being done, CamelCase. */
  readonly action: string;
  readonly note: string;
}

/** Writes events.k8s.io/v1 events. An event that can't be written is logged; it never fails a reconcile. */
export class EventRecorder {
  constructor(
    private readonly clock: Clock,
    private readonly reportingInstance: string,
  ) {}

  async emit(
    object: KubernetesObject,
    reporter: string,
    { note, ...event }: EventNote,
    { client, log }: { readonly client: Client; readonly log: Logger },
  ): Promise<void> {
    const { name, namespace = 'default', uid, resourceVersion } = object.metadata;
    const regarding = { apiVersion: object.apiVersion, kind: object.kind, name, namespace, uid, resourceVersion };
    try {
      await client.create(EVENT, {
        apiVersion: 'events.k8s.io/v1',
        kind: 'Event',
        metadata: { name: `${name.slice(0, 230)}.${randomBytes(8).toString('hex')}`, namespace },
        eventTime: new Date(this.clock.now()).toISOString().replace('Z', '000Z'),
        reportingController: reporter,
        reportingInstance: this.reportingInstance,
        regarding,
        ...event,
        note: note.slice(0, MAX_NOTE_LENGTH),
      });
    } catch (error) {
      log.warn({ reason: event.reason, error: messageOf(error) }, 'event not written');
    }
  }
}

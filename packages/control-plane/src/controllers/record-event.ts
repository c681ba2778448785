import { createHash } from 'node:crypto';
import { numberAt } from '../access.js';
import { secondsTime } from '../builtins/go-time.js';
import type { KubeObject } from '../object.js';
import type { Api } from './api.js';
import { isConflict, isNamespaceTerminating } from './api-errors.js';
import { EVENTS } from './resource-names.js';

/** What happened to an object, for those who read its events. */
export interface Occurrence {
  readonly type: 'Normal' | 'Warning';
  /** In CamelCase. */
  readonly reason: string;
  readonly message: string;
}

/** Who says so, and when. */
export interface Reporter {
  readonly name: string;
  readonly api: Api;
  now(): Date;
}

/** The part of an object's name that goes into the names of its events. */
const NAME_LENGTH = 230;

/** Records an Event about an object; one that says what another said before counts that one up. */
export async function recordEvent(
  { name: component, api, now }: Reporter,
  { apiVersion, kind, metadata }: Pick<Readonly<KubeObject>, 'apiVersion' | 'kind' | 'metadata'>,
  { type, reason, message }: Occurrence,
): Promise<void> {
  const { name = '', uid = '' } = metadata;
  const namespace = metadata.namespace ?? 'default';
  const time = secondsTime(now());
  const key = createHash('sha256')
    .update(JSON.stringify([uid, type, reason, message]))
    .digest('hex')
    .slice(0, 16);
  const eventName = `${name.slice(0, NAME_LENGTH)}.${key}`;
  const repeated = await api.update(EVENTS, namespace, eventName, (draft) => {
    draft['count'] = numberAt(draft, 'count') + 1;
    draft['lastTimestamp'] = time;
  });
  if (repeated) return;
  try {
    await api.create(EVENTS, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: eventName, namespace },
      involvedObject: {
        apiVersion,
        kind,
        name,
        uid,
        ...(metadata.namespace === undefined ? {} : { namespace }),
        ...(metadata.resourceVersion === undefined ? {} : { resourceVersion: metadata.resourceVersion }),
      },
      reason,
      message,
      type,
      source: { component },
      reportingComponent: component,
      firstTimestamp: time,
      lastTimestamp: time,
      count: 1,
    });
  } catch (error) {
    // Somebody else said the same at this moment, or nobody will read it any more.
    if (!isConflict(error) && !isNamespaceTerminating(error)) throw error;
  }
}

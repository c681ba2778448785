import { parseQuantity } from '../../quantity.js';

/** A measurement that nobody has measured: what HorizontalPodAutoscalers are to go by. */
export type GivenMetric = {
  /** A quantity: `250m`, `1Gi`, `12`. */
  readonly value: string;
} & MetricSubject;

/** What is measured. A later value for the same takes the place of an earlier one. */
export type MetricSubject =
  | {
      /** What each pod uses of a resource, or one container of each. */
      readonly type: 'resource';
      /** `cpu`, `memory`. */
      readonly resource: string;
      readonly namespace: string;
      /** Of a pod, or of the workload it belongs to. A value for a pod counts more than one for its workload. */
      readonly name: string;
      /** Default: what all containers use together. */
      readonly container?: string;
    }
  | {
      /** A metric of each pod. */
      readonly type: 'pods';
      readonly metric: string;
      readonly namespace: string;
      /** Of a pod, or of the workload it belongs to. */
      readonly name: string;
    }
  | {
      /** A metric of some object: requests per second of an Ingress. */
      readonly type: 'object';
      readonly metric: string;
      readonly namespace: string;
      readonly kind: string;
      readonly name: string;
    }
  | {
      /** A metric of something outside the cluster: the length of a queue. */
      readonly type: 'external';
      readonly metric: string;
      readonly namespace: string;
    };

/**
 * The metrics that HorizontalPodAutoscalers of this server see. There are none until they are given.
 *
 * @example
 * ```ts
 * controlPlane.metrics.give({ type: 'resource', resource: 'cpu', namespace: 'default', name: 'web', value: '800m' });
 * await controlPlane.settle();
 * ```
 */
export class GivenMetrics {
  readonly #values = new Map<string, number>();
  readonly #listeners = new Set<() => void>();

  /** @throws QuantityError when the value is none. */
  give({ value, ...subject }: GivenMetric): void {
    this.#values.set(keyOf(subject), Number(parseQuantity(value).nanos / NANOS_PER_MILLI));
    for (const listener of this.#listeners) listener();
  }

  /** From now on there is no such metric. Without a subject: none at all. */
  forget(subject?: MetricSubject): void {
    if (subject === undefined) this.#values.clear();
    else this.#values.delete(keyOf(subject));
    for (const listener of this.#listeners) listener();
  }

  /** In thousandths; undefined when none was given. @internal */
  milliOf(subject: MetricSubject): number | undefined {
    return this.#values.get(keyOf(subject));
  }

  /** Calls the listener whenever something was given, until the returned function is called. @internal */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

const NANOS_PER_MILLI = 1_000_000n;

function keyOf(subject: MetricSubject): string {
  switch (subject.type) {
    case 'resource':
      return JSON.stringify([subject.type, subject.namespace, subject.name, subject.resource, subject.container ?? '']);
    case 'pods':
      return JSON.stringify([subject.type, subject.namespace, subject.name, subject.metric]);
    case 'object':
      return JSON.stringify([subject.type, subject.namespace, subject.kind, subject.name, subject.metric]);
    case 'external':
      return JSON.stringify([subject.type, subject.namespace, subject.metric]);
  }
}

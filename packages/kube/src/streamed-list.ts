import { WatchStreamError } from './errors.js';
import { formatName, type KubernetesObject } from './object.js';
import type { Operation } from './operation.js';
import type { Bookmark } from './watch-stream.js';

/** What the server writes on the bookmark after the last object of a streamed list. */
const END_ANNOTATION = 'k8s.io/initial-events-end';

/**
 * A list that comes as the events of a watch, one object at a time, with a bookmark at the end.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#streaming-lists | Streaming lists}
 */
export class StreamedList<T extends KubernetesObject> {
  readonly #objects = new Map<string, T>();
  #latest: T | undefined;
  #version: string | undefined;

  /** Version of the whole list; undefined until it is complete. */
  get version(): string | undefined {
    return this.#version;
  }

  get objects(): Iterable<T> {
    return this.#objects.values();
  }

  /** The object that came last: in a list, the neighbour of the one that comes next. */
  get latest(): T | undefined {
    return this.#latest;
  }

  put(object: T): void {
    this.#objects.set(formatName(object.metadata), object);
    this.#latest = object;
  }

  remove(object: T): void {
    this.#objects.delete(formatName(object.metadata));
  }

  /** @throws {@link WatchStreamError} when the bookmark is not the end of a list: the server does not know such lists. */
  end({ metadata }: Bookmark, operation: Operation): void {
    if (metadata.annotations?.[END_ANNOTATION] !== 'true') {
      throw new WatchStreamError(operation, 'unmarked', 'the server does not say where the list ends');
    }
    this.#version = metadata.resourceVersion;
  }
}

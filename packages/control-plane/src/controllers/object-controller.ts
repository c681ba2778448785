import type { Clock } from '../clock.js';
import type { KubeObject } from '../object.js';
import { Alarms } from './alarms.js';
import type { Api, ResourceName, ServerController } from './api.js';
import type { Reporter } from './record-event.js';
import { WorkQueue } from './work-queue.js';

/** The name of an object within its resource: `namespace/name`. */
export type ObjectKey = string;

export function objectKey({ namespace = '', name = '' }: KubeObject['metadata']): ObjectKey {
  return `${namespace}/${name}`;
}

/** Work that failed again and again is tried anew after this time: nothing else may remind of it. */
const FAILED_RETRY_MS = 10_000;

/** A control loop over the objects of one resource: each is looked at when something happens, and when its time comes. */
export abstract class ObjectController implements ServerController {
  abstract readonly name: string;
  protected readonly clock: Clock;
  readonly #resource: ResourceName;
  readonly #alarms: Alarms;
  #queue: WorkQueue | undefined;
  #unfollow: (() => void) | undefined;

  constructor(resource: ResourceName, clock: Clock) {
    this.#resource = resource;
    this.clock = clock;
    this.#alarms = new Alarms({ clock, ring: (key) => this.#queue?.add(key) });
  }

  /** Looks at every object there is; from then on, adds those that what happens may matter to. Returns what ends it. */
  protected abstract follow(api: Api, add: (key: ObjectKey) => void): () => void;

  /** Does what is to be done about an object. A rejection is retried, soon and then from time to time. */
  protected abstract sync(api: Api, object: Readonly<KubeObject>, key: ObjectKey): Promise<void>;

  /** Drops what was kept of an object that is gone. */
  protected forget(_key: ObjectKey): void {}

  start(api: Api): void {
    const queue = new WorkQueue({ process: (key) => this.#process(api, key) });
    this.#queue = queue;
    this.#unfollow = this.follow(api, (key) => queue.add(key));
    for (const { metadata } of api.list(this.#resource)) queue.add(objectKey(metadata));
  }

  stop(): void {
    this.#unfollow?.();
    this.#queue?.stop();
    this.#alarms.stop();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }

  wake(): void {
    this.#alarms.ringDue();
  }

  /** Has an object looked at at a time, in milliseconds since the epoch by the server's clock. */
  protected lookAgain(key: ObjectKey, dueMs: number): void {
    this.#alarms.set(key, dueMs);
  }

  /** In whose name this controller tells what happened. */
  protected reporter(api: Api): Reporter {
    return { name: this.name, api, now: () => this.clock.now() };
  }

  async #process(api: Api, key: ObjectKey): Promise<void> {
    const [namespace, name = ''] = key.split('/');
    const object = api.get(this.#resource, namespace, name);
    // Whoever still wants to be called back says so anew.
    this.#alarms.clear(key);
    if (object === undefined) {
      this.forget(key);
      return;
    }
    try {
      await this.sync(api, object, key);
    } catch (error) {
      this.lookAgain(key, this.clock.now().getTime() + FAILED_RETRY_MS);
      throw error;
    }
  }
}

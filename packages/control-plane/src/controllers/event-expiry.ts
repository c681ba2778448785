import type { Api, ServerController } from './api.js';
import { isNotFound } from './api-errors.js';
import { EVENTS, isResource } from './resource-names.js';
import { WorkQueue } from './work-queue.js';

/** As kube-apiserver's `--event-ttl`. */
const LIFETIME_MS = 3_600_000;
const SWEEP_INTERVAL_MS = 60_000;

/** Removes Events an hour after they were last written, as a real server's storage does. */
export class EventExpiry implements ServerController {
  readonly name = 'event-expiry';
  readonly #clock: () => Date;
  /** When each is due, in milliseconds since the epoch; the one that is due first comes first. */
  readonly #due = new Map<string, number>();
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor({ clock }: { clock(): Date }) {
    this.#clock = clock;
  }

  start(api: Api): void {
    this.#queue = new WorkQueue({ process: (key) => remove(api, key) });
    this.#unsubscribe = api.onEvent(({ type, resource, object: { metadata } }) => {
      if (!isResource(resource, EVENTS)) return;
      if (type === 'DELETED') this.#due.delete(keyOf(metadata));
      else this.#expireLater(keyOf(metadata));
    });
    for (const { metadata } of api.list(EVENTS)) this.#expireLater(keyOf(metadata));
    this.#timer = setInterval(() => {
      this.wake();
    }, SWEEP_INTERVAL_MS).unref();
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
    clearInterval(this.#timer);
    this.#due.clear();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }

  /** Begins to remove those whose time has come. */
  wake(): void {
    const nowMs = this.#clock().getTime();
    for (const [key, dueMs] of this.#due) {
      if (dueMs > nowMs) return;
      this.#due.delete(key);
      this.#queue?.add(key);
    }
  }

  #expireLater(key: string): void {
    this.#due.delete(key);
    this.#due.set(key, this.#clock().getTime() + LIFETIME_MS);
  }
}

function keyOf({ namespace = '', name = '' }: { readonly namespace?: string; readonly name?: string }): string {
  return `${namespace}/${name}`;
}

async function remove(api: Api, key: string): Promise<void> {
  const [namespace, name = ''] = key.split('/');
  try {
    await api.delete(EVENTS, namespace, name);
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

import { isInvalid, type Clock, type KubernetesObject } from '@trueup/kube';
import { RECHECK_MS } from './pass.js';

/** What is sent, and the object that it is to change. */
interface Attempted {
  readonly key: string;
  readonly text: string;
  readonly live: KubernetesObject | undefined;
}

/**
 * Remembers what the API server has refused as invalid: it is not sent again before something has changed, or some time is
 * over.
 */
export class Refusals {
  readonly #refused = new Map<string, { readonly what: string; readonly error: unknown; readonly untilMs: number }>();

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** @throws what `send` throws, or what it threw before. */
  async guard<R>({ key, text, live }: Attempted, send: () => Promise<R>): Promise<R> {
    const what = `${live?.metadata.resourceVersion} ${text}`;
    const known = this.#refused.get(key);
    if (known?.what === what && this.clock.now() < known.untilMs) throw known.error;
    this.#refused.delete(key);
    try {
      return await send();
    } catch (error) {
      if (isInvalid(error)) this.#remember(key, what, error);
      throw error;
    }
  }

  forget(key: string): void {
    this.#refused.delete(key);
  }

  #remember(key: string, what: string, error: unknown): void {
    const nowMs = this.clock.now();
    for (const [other, { untilMs }] of this.#refused) if (untilMs <= nowMs) this.#refused.delete(other);
    this.#refused.set(key, { what, error, untilMs: nowMs + RECHECK_MS });
  }
}

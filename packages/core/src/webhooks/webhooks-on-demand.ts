import { sleep } from '@trueup/kube';
import type { Check } from '../server/checks.js';
import type { OperatorWebhooks, OperatorWebhooksSettings } from './operator-webhooks.js';

/** It takes a while until all the nodes know that a pod is no endpoint of its Service any more. */
const LINGER_MS = 5_000;

/**
 * The webhooks of an operator, opened when they are first needed: when its kinds are installed, or when it starts. Nothing
 * is loaded by an operator that serves none.
 */
export class WebhooksOnDemand {
  #opening: Promise<OperatorWebhooks> | undefined;
  #opened: OperatorWebhooks | undefined;
  #isClosed = false;

  /** @param settings - Absent: there are none. */
  constructor(private readonly settings: OperatorWebhooksSettings | undefined) {}

  /** Undefined when there are none. @throws as {@link OperatorWebhooks.open} does; a further call tries again. */
  async open(): Promise<OperatorWebhooks | undefined> {
    if (this.settings === undefined || this.#isClosed) return this.#opened;
    this.#opening ??= load(this.settings);
    try {
      return (this.#opened = await this.#opening);
    } catch (error) {
      this.#opening = undefined;
      throw error;
    }
  }

  /** While they are open. */
  get opened(): OperatorWebhooks | undefined {
    return this.#opened;
  }

  /** What an operator lacks that is to serve webhooks; undefined when it serves none. */
  get check(): Check | undefined {
    if (this.settings === undefined) return undefined;
    return { name: 'webhooks', problems: () => this.#opened?.problems() ?? ['not served yet'] };
  }

  /** Goes on for a moment, if there is one, until nobody comes any more; then answers what is under way, and closes. */
  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    const opened = await this.#opening?.catch(() => undefined);
    if (opened === undefined || this.settings === undefined) return;
    const lingerMs = Math.min(graceMs, LINGER_MS);
    if (lingerMs > 0) await sleep(this.settings.clock, lingerMs, new AbortController().signal);
    await opened.close(graceMs - lingerMs);
  }
}

async function load(settings: OperatorWebhooksSettings): Promise<OperatorWebhooks> {
  const { OperatorWebhooks: Webhooks } = await import('./operator-webhooks.js');
  return Webhooks.open(settings);
}

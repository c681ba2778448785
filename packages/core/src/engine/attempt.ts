import type { Client, Logger } from '@trueup/kube';
import { ReconcileTimeoutError } from '../errors.js';
import type { Trigger } from '../queue/ready-keys.js';
import type { Disposition } from '../queue/work-queue.js';
import { Deadline } from './deadline.js';
import type { ControllerObserver } from './engine-observer.js';
import { Progress } from './progress.js';
import { ReconcileSpan } from './reconcile-span.js';
import type { EngineServices } from './services.js';

export interface AttemptOptions {
  readonly services: EngineServices;
  readonly controller: string;
  readonly kind: string;
  /** `namespace/name` of the object. */
  readonly key: string;
  readonly cause: string;
  readonly trigger: Trigger | undefined;
  readonly deadlineMs: number;
  readonly log: Logger;
  readonly observer: ControllerObserver | undefined;
}

/** What surrounds one reconcile: a time limit, a client whose calls keep it and are traced, and measuring. */
export class Attempt {
  readonly progress = new Progress();
  readonly signal: AbortSignal;
  readonly client: Client;
  readonly #deadline: Deadline;
  readonly #span: ReconcileSpan;
  readonly #sinceMs: number;

  constructor(
    private readonly options: AttemptOptions,
    private readonly parent: AbortSignal,
  ) {
    const { services, deadlineMs } = options;
    this.#sinceMs = services.clock.now();
    this.#span = new ReconcileSpan(options);
    this.#deadline = new Deadline(parent, { clock: services.clock, deadlineMs, onExpired: () => this.#timedOut() });
    this.signal = this.#deadline.signal;
    this.client = services.client.scoped({
      signal: this.signal,
      ...(services.admit && { admit: services.admit }),
      onCall: (operation) => {
        const ends = [this.progress.onCall(operation), this.#span.onCall(operation)];
        return (error) => {
          for (const end of ends) end(error);
        };
      },
    });
  }

  /** Runs the reconcile. */
  async run(reconcile: () => Promise<Disposition>): Promise<Disposition> {
    const disposition = await this.#span.run(reconcile);
    this.#deadline.release();
    this.#span.end(disposition.error);
    const { observer, services } = this.options;
    // What a stop broke off is nobody's error.
    if (!this.parent.aborted) observer?.reconciled(disposition, services.clock.now() - this.#sinceMs);
    return disposition;
  }

  #timedOut(): ReconcileTimeoutError {
    const { kind, key, deadlineMs, log, observer } = this.options;
    const error = new ReconcileTimeoutError(
      `${kind} ${key}: the reconcile has not ended within ${deadlineMs} ms; it hangs ${this.progress}. ` +
        'Hand ctx.signal to whatever it awaits, or raise deadlineMs.',
    );
    log.error({ error: error.message }, 'reconcile took too long; it is retried once it ends');
    observer?.timedOut();
    return error;
  }
}

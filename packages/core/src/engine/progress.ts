import { describeOperation, type CallObserver, type Operation } from '@trueup/kube';

/** How far a reconcile has come, to say where it hangs. */
export class Progress {
  /** What of the author's code or of the engine's own work runs now. */
  step = 'reading';
  readonly #waiting = new Set<Operation>();

  /** For the client of the reconcile. */
  readonly onCall: CallObserver = (operation) => {
    this.#waiting.add(operation);
    return () => this.#waiting.delete(operation);
  };

  /** `in desired(), waiting for get Secret default/token`. */
  toString(): string {
    const calls = [...this.#waiting].map(describeOperation);
    return `in ${this.step}, waiting for ${calls.length === 0 ? 'something that is not an API call' : calls.join(' and ')}`;
  }
}

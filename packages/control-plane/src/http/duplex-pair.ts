import { Duplex } from 'node:stream';

/**
 * Makes the two ends of a connection within this process: what is written to one is read from the other. When one end is
 * destroyed the other reads what was written before, then the end; writing to it fails like writing to a socket that the
 * other side has reset.
 *
 * @see {@link https://nodejs.org/api/stream.html#streamduplexpairoptions | duplexPair of Node.js 22}
 */
export function duplexPair(): readonly [Duplex, Duplex] {
  const one = new ConnectionEnd();
  const other = new ConnectionEnd(one);
  return [one, other];
}

class ConnectionEnd extends Duplex {
  #other: ConnectionEnd | undefined;
  /** Lets the other end write on. */
  #drained: (() => void) | undefined;
  #isEnded = false;

  constructor(other?: ConnectionEnd) {
    super();
    this.#other = other;
    if (other) other.#other = this;
  }

  override _read(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, callback: (error?: Error | null) => void): void {
    const other = this.#other;
    if (other === undefined || other.destroyed) {
      callback(Object.assign(new Error('connection reset'), { code: 'ECONNRESET' }));
    } else if (other.push(chunk)) {
      callback();
    } else {
      other.#drained = callback;
    }
  }

  override _final(callback: () => void): void {
    this.#endOther();
    callback();
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#endOther();
    this.#drained?.();
    callback(error);
  }

  #endOther(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#other?.destroyed === false) this.#other.push(null);
  }
}

import { connect, constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Clock } from './clock.js';
import { NetworkError } from './errors.js';
import type { HttpRequest, HttpResponse } from './http-message.js';

/** That the other end is gone without a word is known after three of these. */
const PING_INTERVAL_MS = 10_000;

/** Of a server that does not say what it takes at once. */
const DEFAULT_MAX_STREAMS = 100;

/** As Go's, roughly: a streamed list must not wait for a window update every 64 KiB. */
const STREAM_WINDOW_BYTES = 4 * 1024 * 1024;

/** So large that a stream that is read slowly does not hold up the others. */
const CONNECTION_WINDOW_BYTES = 1024 * 1024 * 1024;

/** One HTTP/2 connection. Keeps the process alive only while an answer is under way. */
export class Http2Connection {
  /** Resolves when it is over. */
  readonly closed: Promise<void>;
  readonly #session: ClientHttp2Session;
  readonly #host: string;
  readonly #clock: Clock;
  #streams = 0;
  #stopPings: () => void = () => undefined;

  /** @param socket - On which the server has agreed to speak HTTP/2. */
  constructor(origin: URL, socket: TLSSocket, clock: Clock) {
    this.#host = origin.host;
    this.#clock = clock;
    this.#session = connect(origin, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
    });
    this.#session.once('connect', () => this.#session.setLocalWindowSize(CONNECTION_WINDOW_BYTES));
    // What goes wrong with it is told to its streams.
    this.#session.on('error', () => undefined);
    this.#session.unref();
    this.closed = new Promise((resolve) => this.#session.once('close', resolve));
  }

  /** Whether it takes one more request: not when it is about to end, nor when the server has set a limit. */
  get hasRoom(): boolean {
    const { closed, destroyed, remoteSettings } = this.#session;
    return !closed && !destroyed && this.#streams < (remoteSettings.maxConcurrentStreams ?? DEFAULT_MAX_STREAMS);
  }

  /** Sends, and resolves when the answer begins. */
  request({ method, path, headers, cancellation }: Omit<HttpRequest, 'body'>): Promise<HttpResponse> {
    const all = { ...headers, ':method': method, ':path': path };
    const stream = this.#session.request(all, { endStream: true, signal: cancellation.signal });
    this.#follow(stream);
    return new Promise((resolve, reject) => {
      stream.once('response', ({ ':status': statusCode = 0, ...answered }) => {
        const isCutOff = (): boolean => stream.rstCode !== constants.NGHTTP2_NO_ERROR;
        resolve({ statusCode, headers: answered, body: stream, isCutOff });
      });
      stream.once('error', reject);
      stream.once('close', () => reject(new NetworkError(`${this.#host}: the connection closed without an answer`)));
    });
  }

  /** Takes no more requests; answers under way go on to their end. */
  close(): void {
    this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }

  #follow(stream: ClientHttp2Stream): void {
    this.#streams += 1;
    if (this.#streams === 1) {
      this.#session.ref();
      this.#startPings();
    }
    stream.once('close', () => {
      this.#streams -= 1;
      if (this.#streams > 0) return;
      this.#stopPings();
      this.#session.unref();
    });
  }

  /**
   * Asks the server for a sign of life. One that is late may be here and not read yet, when the event loop was blocked;
   * so it has to be late for the second time.
   */
  #startPings(): void {
    let late = 0;
    const next = (): void => {
      this.#stopPings = this.#clock.schedule(PING_INTERVAL_MS, () => {
        if (late === 2) {
          this.#session.destroy(new NetworkError(`${this.#host}: the server does not answer any more`));
          return;
        }
        if (late === 0) this.#session.ping(() => (late = 0));
        late += 1;
        next();
      });
    };
    next();
  }
}

import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls';
import type { Clock } from './clock.js';
import { NetworkError } from './errors.js';
import type { HttpRequest, HttpResponse } from './http-message.js';
import { Http2Connection } from './http2-connection.js';

const CONNECT_TIMEOUT_MS = 10_000;

/** Requests whose answers go on, over HTTP/2: however many watches there are, they share a connection. */
export class Http2Streams {
  readonly #origin: URL;
  readonly #tls: ConnectionOptions;
  readonly #clock: Clock;
  readonly #connections = new Set<Http2Connection>();
  #connecting: Promise<void> | undefined;
  #socket: TLSSocket | undefined;
  /** Known from the first connection on. */
  #isSpoken: boolean | undefined;
  #isClosed = false;

  /** @param tls - As `tls.connect` takes them; the protocols to choose from are added. */
  constructor(origin: URL, tls: ConnectionOptions, clock: Clock) {
    this.#origin = origin;
    this.#tls = tls;
    this.#clock = clock;
  }

  /** Sends and waits until the answer begins. Undefined, and nothing is sent, when the server speaks no HTTP/2. */
  async request(request: Omit<HttpRequest, 'body'>): Promise<HttpResponse | undefined> {
    while (this.#isSpoken !== false) {
      const connection = [...this.#connections].find(({ hasRoom }) => hasRoom);
      if (connection !== undefined) return connection.request(request);
      this.#connecting ??= this.#connect().finally(() => {
        this.#connecting = undefined;
      });
      await request.cancellation.orAborted(this.#connecting);
    }
    return undefined;
  }

  /** Begins nothing new; answers under way go on to their end. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  destroy(): void {
    this.#isClosed = true;
    this.#socket?.destroy();
    for (const connection of this.#connections) connection.destroy();
  }

  async #connect(): Promise<void> {
    const socket = await this.#handshake();
    this.#isSpoken = socket.alpnProtocol === 'h2';
    if (!this.#isSpoken) {
      socket.destroy();
      return;
    }
    const connection = new Http2Connection(this.#origin, socket, this.#clock);
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  async #handshake(): Promise<TLSSocket> {
    const { hostname, port, host } = this.#origin;
    if (this.#isClosed) throw new NetworkError('the client is closed');
    const socket = connect({
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 443 : Number(port),
      ALPNProtocols: ['h2', 'http/1.1'],
      ...this.#tls,
    });
    this.#socket = socket;
    const stopTimer = this.#clock.schedule(CONNECT_TIMEOUT_MS, () => {
      socket.destroy(new NetworkError(`${host}: connection timed out`));
    });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve);
        socket.once('error', reject);
        socket.once('close', () => reject(new NetworkError(`${host}: the connection closed during the handshake`)));
      });
      return socket;
    } finally {
      stopTimer();
      this.#socket = undefined;
    }
  }
}

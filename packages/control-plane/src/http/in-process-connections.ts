import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';
import { duplexPair } from './duplex-pair.js';
import type { ApiRequest, ApiResponse } from './messages.js';

/** Connections of clients in this process: HTTP/1.1 without TLS over no socket. */
export class InProcessConnections {
  readonly #server;
  readonly #open = new Set<Duplex>();

  constructor(handle: (request: ApiRequest, response: ApiResponse) => void) {
    this.#server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 }, handle);
  }

  /** Opens one. @returns the client's end. */
  open(): Duplex {
    const [client, server] = duplexPair();
    this.#open.add(server);
    server.once('close', () => this.#open.delete(server));
    this.#server.emit('connection', server);
    return client;
  }

  close(): void {
    for (const connection of this.#open) connection.destroy();
  }
}

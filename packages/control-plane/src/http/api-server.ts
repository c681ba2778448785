import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import type { ServerCertificate } from './certificates.js';

/** The port is taken, or may not be used. */
export class PortError extends Error {
  override readonly name = 'PortError';
  readonly code = 'ERR_PORT_UNAVAILABLE';

  constructor(
    readonly port: number,
    problem: string,
    options?: { cause?: unknown },
  ) {
    super(`cannot listen on port ${String(port)}: ${problem}`, options);
  }
}

export interface ListenOptions {
  readonly host: string;
  /** 0 is any free port. */
  readonly port: number;
  /** Absent: plain HTTP. */
  readonly certificate?: ServerCertificate;
  handle(request: IncomingMessage, response: ServerResponse): void;
}

const SWEEP_INTERVAL_MS = 5;
const GRACE_MS = 300;

/** A listening server. */
export class ApiServer {
  readonly #server: Server;
  readonly port: number;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  /** @throws {@link PortError} when the port cannot be used. */
  static async listen({ host, port, certificate, handle }: ListenOptions): Promise<ApiServer> {
    const server = certificate ? createHttpsServer(tlsOptions(certificate), handle) : createHttpServer(handle);
    // A watch may be silent for as long as it likes, and clients keep connections for their next request.
    server.requestTimeout = 0;
    server.keepAliveTimeout = 90_000;
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(listenError(port, error));
      });
      server.listen({ host, port }, resolve);
    });
    const address = server.address();
    return new ApiServer(server, typeof address === 'object' && address !== null ? address.port : port);
  }

  /** Stops listening, lets what is being answered be answered for a moment, and ends every connection. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      this.#server.close(() => {
        resolve();
      });
    });
    // Connections become idle one by one, as the last of what was written to them is sent.
    const sweep = setInterval(() => {
      this.#server.closeIdleConnections();
    }, SWEEP_INTERVAL_MS);
    const end = setTimeout(() => {
      this.#server.closeAllConnections();
    }, GRACE_MS);
    await closed;
    clearInterval(sweep);
    clearTimeout(end);
  }
}

/** Clients may show a certificate; what one is worth is for authentication to say. */
function tlsOptions({ certificate, key, caCertificate }: ServerCertificate): ServerOptions {
  return { cert: certificate, key, ca: caCertificate, requestCert: true, rejectUnauthorized: false };
}

function listenError(port: number, error: NodeJS.ErrnoException): Error {
  if (error.code === 'EADDRINUSE') {
    return new PortError(port, 'it is in use; stop what uses it, or take another port (0 picks a free one)', {
      cause: error,
    });
  }
  if (error.code === 'EACCES') {
    return new PortError(port, 'this user may not use it; take one above 1023 (0 picks a free one)', { cause: error });
  }
  return error;
}

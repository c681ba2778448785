import { createServer as createHttpServer, type Server } from 'node:http';
import {
  createSecureServer,
  type Http2SecureServer,
  type SecureServerOptions,
  type ServerHttp2Session,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { ServerCertificate } from './certificates.js';
import type { ApiRequest, ApiResponse } from './messages.js';

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
  /** With it: HTTP/2 or HTTP/1.1 over TLS, as the client likes. Absent: plain HTTP/1.1. */
  readonly certificate?: ServerCertificate;
  handle(request: ApiRequest, response: ApiResponse): void;
}

const SWEEP_INTERVAL_MS = 5;
const GRACE_MS = 300;

/** A listening server. */
export class ApiServer {
  readonly #server: Server | Http2SecureServer;
  readonly #sockets = new Set<Socket>();
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly port: number;

  private constructor(server: Server | Http2SecureServer, port: number) {
    this.#server = server;
    this.port = port;
    server.on('connection', (socket: Socket) => {
      keepWhileOpen(this.#sockets, socket);
    });
    server.on('session', (session: ServerHttp2Session) => {
      keepWhileOpen(this.#sessions, session);
    });
  }

  /** @throws {@link PortError} when the port cannot be used. */
  static async listen({ host, port, certificate, handle }: ListenOptions): Promise<ApiServer> {
    const server = certificate ? createSecureServer(tlsOptions(certificate), handle) : createHttpServer(handle);
    // A watch may be silent for as long as it likes, and clients keep connections for their next request.
    Object.assign(server, { requestTimeout: 0, keepAliveTimeout: 90_000 });
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
    for (const session of this.#sessions) session.close();
    // Connections become idle one by one, as the last of what was written to them is sent.
    const sweep = setInterval(() => {
      // Node has it for both kinds of server; its types only for one.
      (this.#server as Server).closeIdleConnections();
    }, SWEEP_INTERVAL_MS);
    const end = setTimeout(() => {
      for (const socket of this.#sockets) socket.destroy();
    }, GRACE_MS);
    await closed;
    clearInterval(sweep);
    clearTimeout(end);
  }
}

function keepWhileOpen<T extends Socket | ServerHttp2Session>(open: Set<T>, one: T): void {
  open.add(one);
  one.once('close', () => {
    open.delete(one);
  });
}

/** Clients may show a certificate; what one is worth is for authentication to say. */
function tlsOptions({ certificate, key, caCertificate }: ServerCertificate): SecureServerOptions {
  const tls = { cert: certificate, key, ca: caCertificate, requestCert: true, rejectUnauthorized: false };
  return { ...tls, allowHTTP1: true };
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

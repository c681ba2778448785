import type { Readable } from 'node:stream';

/** A request below the server's base URL. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** A list is sent as so many headers of the name. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer;
  /** Aborts the request, and later the reading of the answer. */
  readonly signal: AbortSignal;
}

/** An answer, whatever its status. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** To be read to its end, or aborted by the request's signal. */
  readonly body: Readable;
  /** Whether the body, at its end, is not whole, since the connection broke. Absent where the body then fails by itself. */
  readonly isCutOff?: () => boolean;
}

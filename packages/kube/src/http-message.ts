import type { Readable } from 'node:stream';
import type { Cancellation } from './cancellation.js';

/** A request below the server's base URL. */
export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path and query. */
  readonly path: string;
  /** A list is sent as so many headers of the name. */
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body?: Buffer | undefined;
  /** Calls off the request, and later the reading of the answer. */
  readonly cancellation: Cancellation;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An answer that was read to its end, whatever its status. */
export interface HttpAnswer {
  readonly statusCode: number;
  readonly headers: Headers;
  /** The body as it came, packed where the headers say so. */
  readonly bytes: Buffer;
}

/** The beginning of an answer, whatever its status. */
export interface HttpResponse {
  readonly statusCode: number;
  readonly headers: Headers;
  /** To be read to its end, or aborted by the request's cancellation. */
  readonly body: Readable;
  /** Whether the body, at its end, is not whole, since the connection broke. Absent where the body then fails by itself. */
  readonly isCutOff?: () => boolean;
}

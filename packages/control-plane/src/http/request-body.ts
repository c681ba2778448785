import type { IncomingMessage } from 'node:http';
import { StatusError } from '../status-error.js';

/** The largest body that a request may have. */
const LIMIT_BYTES = 3 * 1024 * 1024;

/** The whole body of a request. @throws {@link StatusError} 413 when it is larger than 3 MiB; the rest is read and dropped. */
export async function readRequestBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    length += bytes.length;
    if (length <= LIMIT_BYTES) chunks.push(bytes);
  }
  if (length > LIMIT_BYTES) {
    throw new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${String(LIMIT_BYTES)}`);
  }
  return Buffer.concat(chunks);
}

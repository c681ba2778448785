import { plainError } from '../resources/errors.js';
import { StatusError } from '../status-error.js';
import type { ApiRequest } from './messages.js';

/** The largest body that a request may have. */
const LIMIT_BYTES = 3 * 1024 * 1024;
/** How long a client may take to send it: as long as any request that is no watch on a real server. */
const LIMIT_MS = 60_000;

/**
 * The whole body of a request.
 *
 * @param limitMs - How long it may take to arrive. Default 60 s.
 * @throws {@link StatusError} 413 when it is larger than 3 MiB; the rest is read and dropped. 504 when it takes too long,
 * 500 when the client goes before it has sent it all.
 */
export function readRequestBody(request: ApiRequest, limitMs = LIMIT_MS): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  return new Promise<Buffer>((resolve, reject) => {
    const timer = setTimeout(() => {
      finish(bodyTimeout());
    }, limitMs);
    const take = (chunk: Buffer): void => {
      length += chunk.length;
      if (length <= LIMIT_BYTES) chunks.push(chunk);
    };
    const end = (): void => {
      finish(length > LIMIT_BYTES ? bodyTooLarge() : undefined);
    };
    const lose = (): void => {
      finish(plainError('unexpected EOF'));
    };
    const finish = (problem: StatusError | undefined): void => {
      clearTimeout(timer);
      request.off('data', take).off('end', end).off('close', lose);
      if (problem) reject(problem);
      else resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks));
    };
    if (request.destroyed && !request.complete) {
      lose();
      return;
    }
    // What is wrong with the connection is said by its end.
    request.on('error', () => undefined);
    request.on('data', take).once('end', end).once('close', lose);
  });
}

function bodyTooLarge(): StatusError {
  return new StatusError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${String(LIMIT_BYTES)}`);
}

function bodyTimeout(): StatusError {
  return new StatusError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', {});
}

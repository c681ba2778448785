import type { Dispatcher } from 'undici';
import type { AnswerHead } from './answer.js';
import type { HttpAnswer, HttpRequest } from './http-message.js';

/**
 * Sends a request and reads the answer to its end. Not by undici's own `request()`: the stream that it makes of every body
 * takes a quarter of its time, and nobody reads a short answer bit by bit.
 */
export function wholeAnswer(
  dispatcher: Dispatcher,
  origin: string,
  { method, path, headers, body, cancellation }: HttpRequest,
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    if (cancellation.isAborted) {
      reject(cancellation.reason);
      return;
    }
    let controller: Dispatcher.DispatchController | undefined;
    let head: AnswerHead;
    const chunks: Buffer[] = [];
    const callOff = (): void => {
      reject(cancellation.reason);
      // Not yet there while the connection is being made.
      controller?.abort(new Error('the request was called off'));
    };
    const forget = cancellation.onAbort(callOff);
    const options = { origin, path, method, headers, body: body ?? null, headersTimeout: 0, bodyTimeout: 0 };
    dispatcher.dispatch(options, {
      onRequestStart(started) {
        controller = started;
        if (cancellation.isAborted) callOff();
      },
      onResponseStart(_, statusCode, headers) {
        head = { statusCode, headers };
      },
      onResponseData(_, chunk) {
        chunks.push(chunk);
      },
      onResponseEnd() {
        forget();
        const [first, ...rest] = chunks;
        resolve({ ...head, bytes: first !== undefined && rest.length === 0 ? first : Buffer.concat(chunks) });
      },
      onResponseError(_, error) {
        forget();
        reject(error);
      },
    });
  });
}

import type { IncomingMessage, ServerResponse } from 'node:http';
import { constants, Http2ServerResponse, type Http2ServerRequest } from 'node:http2';

/** A request, whichever version of HTTP it came by. */
export type ApiRequest = IncomingMessage | Http2ServerRequest;

/** The answer to an {@link ApiRequest}. */
export type ApiResponse = ServerResponse | Http2ServerResponse;

/** Nothing that is written to it gets anywhere any more. */
export function isClosed(response: ApiResponse): boolean {
  if (response.writableEnded) return true;
  return response instanceof Http2ServerResponse ? response.stream.destroyed : response.destroyed;
}

/** Sends the headers of an answer whose body comes later. */
export function sendHeaders(response: ApiResponse): void {
  if (response instanceof Http2ServerResponse) response.writeHead(response.statusCode);
  else response.flushHeaders();
}

/** Sends a piece of a body. */
export function send(response: ApiResponse, text: string): void {
  if (response instanceof Http2ServerResponse) response.write(text);
  else response.write(text);
}

/** Breaks an answer off, so that the client sees that it is not whole. */
export function breakOff(response: ApiResponse): void {
  if (response instanceof Http2ServerResponse) response.stream.close(constants.NGHTTP2_INTERNAL_ERROR);
  else response.destroy();
}

/** Cuts the connection, with whatever else goes by it. */
export function cutConnection(response: ApiResponse): void {
  if (response instanceof Http2ServerResponse) response.stream.session?.destroy();
  else response.destroy();
}

/** Every value of every header whose name begins so; names in lower case, as keys. */
export function headersWith(prefix: string, { headers, rawHeaders }: ApiRequest): ReadonlyMap<string, string[]> {
  const found = new Map<string, string[]>();
  if (!Object.keys(headers).some((name) => name.startsWith(prefix))) return found;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = (rawHeaders[index] ?? '').toLowerCase();
    if (name.startsWith(prefix)) found.set(name, [...(found.get(name) ?? []), rawHeaders[index + 1] ?? '']);
  }
  return found;
}

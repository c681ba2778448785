import type { ControlPlane } from '@trueup/control-plane';
import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

export interface RawRequest {
  readonly method?: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Node leaves it out for methods that seldom have a body. */
function lengthOf(body: RawRequest['body']): Record<string, string> {
  return body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
}

/** Sends what it is given as it is, which other clients would correct or refuse. */
export class RawClient {
  readonly #url: string;
  readonly #token: string;

  constructor({ url, token }: Pick<ControlPlane, 'url' | 'token'>) {
    this.#url = url;
    this.#token = token;
  }

  async send({ method = 'GET', path, headers = {}, body }: RawRequest): Promise<Answer> {
    const { hostname, port } = new URL(this.#url);
    const sent = request({
      hostname,
      port,
      method,
      path,
      agent: false,
      headers: {
        authorization: `Bearer ${this.#token}`,
        'content-type': 'application/json',
        ...headers,
        ...lengthOf(body),
      },
    });
    sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    return {
      status: answer.statusCode ?? 0,
      type: answer.headers['content-type'] ?? '',
      body: await text(answer),
    };
  }
}

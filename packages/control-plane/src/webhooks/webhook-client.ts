import { Agent, request as sendRequest } from 'node:https';
import { posix } from 'node:path';
import { optionalObjectAt, optionalNumberAt, stringAt } from '../access.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { BodySyntaxError, parseBody } from '../resources/parse-body.js';
import { goNetworkError } from './go-network-error.js';

/** Where a webhook is, as a `clientConfig` says it. */
export interface WebhookTarget {
  /** Without query; a service's is `https://<service>.<namespace>.svc:<port>/<path>`. */
  readonly url: string;
  /** Where to connect, for a webhook that is a service: there is no network of pods here, its port is taken on this machine. */
  readonly address?: { readonly host: string; readonly port: number };
  /** PEM; absent: the authorities that Node trusts. */
  readonly ca?: string;
}

/** A webhook could not be asked, or its answer could not be read. The message is what a real server quotes. */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

const SERVICE_PORT = 443;

/** @throws {@link WebhookError} when its certificates cannot be read. */
export function targetOf(clientConfig: JsonObject): WebhookTarget {
  const bundle = stringAt(clientConfig, 'caBundle');
  const ca = bundle === '' ? undefined : Buffer.from(bundle, 'base64').toString();
  if (ca !== undefined && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw new WebhookError(
      'could not get REST client: unable to load root certificates: unable to parse bytes as PEM block',
    );
  }
  const trust = ca === undefined ? {} : { ca };
  const service = optionalObjectAt(clientConfig, 'service');
  if (!service) {
    const url = new URL(stringAt(clientConfig, 'url'));
    return { url: `${url.origin}${cleanPath(url.pathname)}`, ...trust };
  }
  const port = optionalNumberAt(service, 'port') ?? SERVICE_PORT;
  const path = cleanPath(stringAt(service, 'path'));
  return {
    url: `https://${stringAt(service, 'name')}.${stringAt(service, 'namespace')}.svc:${String(port)}${path}`,
    address: { host: '127.0.0.1', port },
    ...trust,
  };
}

/**
 * Go's `path.Join`, which client-go calls every path with: no empty segments, no slash at the end. envtest relies on it,
 * and writes URLs with two slashes.
 */
function cleanPath(path: string): string {
  const clean = posix.join('/', path);
  return clean === '/' ? clean : clean.replace(/\/$/, '');
}

/** Calls webhooks over HTTPS, keeping connections open between calls until it is closed. */
export class WebhookClient {
  readonly #agent = new Agent({ keepAlive: true });
  /** The calls under way, to be ended. */
  readonly #calls = new Set<AbortController>();
  #isClosed = false;

  /**
   * Posts a review and reads the answer.
   *
   * @throws {@link WebhookError} when the webhook cannot be reached, is too slow, answers with anything but success, or
   * with something that is no JSON object.
   */
  async post(target: WebhookTarget, review: JsonObject, timeoutSeconds: number): Promise<JsonObject> {
    const url = `${target.url}?timeout=${String(timeoutSeconds)}s`;
    const call = new AbortController();
    if (this.#isClosed) call.abort('context canceled');
    this.#calls.add(call);
    const timer = setTimeout(() => {
      call.abort('context deadline exceeded');
    }, timeoutSeconds * 1000);
    let answer: Answer;
    try {
      answer = await this.#send(url, target, JSON.stringify(review), call.signal);
    } catch (error) {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      const reason = call.signal.aborted ? String(call.signal.reason) : goNetworkError(error, host);
      throw new WebhookError(`Post ${JSON.stringify(url)}: ${reason}`);
    } finally {
      clearTimeout(timer);
      this.#calls.delete(call);
    }
    return readAnswer(answer);
  }

  /** Ends calls that are under way and closes all connections. */
  close(): void {
    this.#isClosed = true;
    for (const call of this.#calls) call.abort('context canceled');
    this.#agent.destroy();
  }

  #send(url: string, target: WebhookTarget, body: string, signal: AbortSignal): Promise<Answer> {
    const { address, ca } = target;
    const { hostname, host } = new URL(url);
    return new Promise((resolve, reject) => {
      const request = sendRequest(
        url,
        {
          method: 'POST',
          agent: this.#agent,
          headers: {
            Accept: 'application/json, */*',
            'Content-Type': 'application/json',
            'Content-Length': Buffer.byteLength(body),
            Host: host,
          },
          ...(address ? { hostname: address.host, port: address.port, servername: hostname } : {}),
          // As in Go, a bundle may hold the webhook's own certificate instead of its authority's; envtest's does.
          ...(ca === undefined ? {} : { ca, allowPartialTrustChain: true }),
          signal,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const { statusCode: status = 0, headers } = response;
            resolve({ status, contentType: headers['content-type'] ?? '', text: Buffer.concat(chunks).toString() });
          });
        },
      );
      request.on('error', (error) => {
        // A kept connection that the webhook closed just now says nothing about the webhook: a new one will.
        const isStale = request.reusedSocket && 'code' in error && error.code === 'ECONNRESET';
        if (isStale && !signal.aborted) this.#send(url, target, body, signal).then(resolve, reject);
        else reject(error);
      });
      request.end(body);
    });
  }
}

interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

const TYPE_META = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;

function readAnswer({ status, contentType, text }: Answer): JsonObject {
  if (status < 200 || status > 206) throw new WebhookError(statusProblem(status, contentType, text));
  if (text === '') {
    throw new WebhookError(`0-length response with status code: ${String(status)} and content type: ${contentType}`);
  }
  const value = parse(text);
  if (isJsonObject(value)) return value;
  if (value === null) return {};
  const found = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  throw unreadable(`json: cannot unmarshal ${found} into Go value of type ${TYPE_META}`);
}

/** Like the server's own decoder this takes YAML too, so that any text is a string at least. */
function parse(text: string): unknown {
  try {
    return parseBody({ text, yaml: !/^\s*[[{]/.test(text) });
  } catch (error) {
    if (error instanceof BodySyntaxError) throw unreadable(error.message);
    throw error;
  }
}

function unreadable(problem: string): WebhookError {
  return new WebhookError(`couldn't get version/kind; json parse error: ${problem}`);
}

/** What client-go makes of a status. @see {@link https://github.com/kubernetes/apimachinery/blob/v0.34.1/pkg/api/errors/errors.go | NewGenericServerResponse} */
const STATUS_PROBLEMS: Readonly<Record<number, string>> = {
  400: 'the server rejected our request for an unknown reason',
  401: 'the server has asked for the client to provide credentials',
  404: 'the server could not find the requested resource',
  405: 'the server does not allow this method on the requested resource',
  409: 'the server reported a conflict',
  422: 'the server rejected our request due to an error in our request',
  429: 'the server has received too many requests and has asked us to try again later',
  503: 'the server is currently unable to handle the request',
  504: 'the server was unable to return a response in the time allotted, but may still be processing the request',
};

const QUOTED_BYTES = 2048;

function statusProblem(status: number, contentType: string, text: string): string {
  const isText = contentType === '' || contentType.startsWith('text/');
  const said = isText ? text.slice(0, QUOTED_BYTES).trim() : 'unknown';
  const known = STATUS_PROBLEMS[status];
  if (known !== undefined) return known;
  if (status === 403) return said;
  return status >= 500
    ? `an error on the server (${JSON.stringify(said)}) has prevented the request from succeeding`
    : `the server responded with the status code ${String(status)} but did not return more information`;
}

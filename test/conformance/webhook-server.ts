import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { setTimeout } from 'node:timers/promises';
import { serverCertificate } from '../../packages/control-plane/src/http/certificates.js';
import type { WebhookBehaviour } from './case-format.js';
import { isObject, mergePatch, textOf, type Json, type JsonObject } from './json.js';

/** A webhook of a case. */
export interface Webhook {
  readonly url: string;
  /** What it was called with, oldest first: the review, and as `url` what followed the webhook's own path. */
  readonly calls: JsonObject[];
}

interface Served {
  readonly behaviour: WebhookBehaviour;
  readonly calls: JsonObject[];
}

/** The webhooks of all cases, over HTTPS on this machine. */
export class WebhookServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #served = new Map<string, Served>();
  readonly #closed = new AbortController();
  /** PEM in base64, as webhook configurations have it. */
  readonly caBundle: string;

  private constructor() {
    const { certificate, key, caCertificate } = serverCertificate('127.0.0.1');
    this.caBundle = Buffer.from(caCertificate).toString('base64');
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  static async start(): Promise<WebhookServer> {
    const webhooks = new WebhookServer();
    await new Promise<void>((resolve) => {
      webhooks.#server.listen(0, '127.0.0.1', resolve);
    });
    return webhooks;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the webhooks are not served');
    return `https://127.0.0.1:${String(address.port)}`;
  }

  add(name: string, behaviour: WebhookBehaviour): Webhook {
    const calls: JsonObject[] = [];
    this.#served.set(`/${name}`, { behaviour, calls });
    return { url: `${this.url}/${name}`, calls };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = '' } = request;
    const [path = ''] = url.split('?');
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const review = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
    const served = this.#served.get(path);
    served?.calls.push({ url: url.slice(path.length), ...review });
    const { delay, httpStatus = served ? 200 : 404, raw } = served?.behaviour ?? {};
    if (delay !== undefined) await setTimeout(delay, undefined, { signal: this.#closed.signal });
    response.writeHead(httpStatus, { 'Content-Type': 'application/json' });
    if (!served || httpStatus !== 200) response.end('broken');
    else response.end(raw ?? JSON.stringify(answerOf(review, served.behaviour)));
  }
}

function answerOf({ apiVersion = null, kind = null, request }: JsonObject, behaviour: WebhookBehaviour): JsonObject {
  const asked = isObject(request) ? request : {};
  return {
    apiVersion,
    kind,
    response: kind === 'ConversionReview' ? convert(asked, behaviour) : admit(asked, behaviour),
  };
}

function admit(request: JsonObject, { deny, patch, warnings, uid }: WebhookBehaviour): JsonObject {
  return {
    uid: uid ?? request['uid'] ?? '',
    allowed: deny === undefined,
    ...(deny && { status: deny }),
    ...(patch && { patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') }),
    ...(warnings && { warnings }),
  };
}

function convert({ uid = '', objects, desiredAPIVersion = '' }: JsonObject, behaviour: WebhookBehaviour): JsonObject {
  const { failure, merge = {} } = behaviour;
  if (failure !== undefined) return { uid, result: { status: 'Failure', message: failure }, convertedObjects: [] };
  const [, version = ''] = textOf(desiredAPIVersion).split('/');
  const convertOne = (object: Json): Json =>
    mergePatch(mergePatch(object, { apiVersion: desiredAPIVersion }), merge[version] ?? {});
  return {
    uid,
    result: { status: 'Success' },
    convertedObjects: Array.isArray(objects) ? objects.map(convertOne) : [],
  };
}

import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { ControlPlane } from '../control-plane.js';
import { serverCertificate } from '../http/certificates.js';
import type { JsonObject, KubeObject } from '../object.js';

/** What a webhook is asked, admission or conversion. */
export interface Review {
  readonly kind: string;
  readonly apiVersion: string;
  readonly request: JsonObject & {
    readonly uid: string;
    readonly name?: string;
    readonly operation?: string;
    readonly object?: KubeObject | null;
    readonly oldObject?: KubeObject | null;
    readonly desiredAPIVersion?: string;
    readonly objects?: readonly KubeObject[];
  };
}

/** Text is sent as it is, a number is a status, anything else becomes JSON. A promise may keep the server waiting. */
type Answer = (review: Review) => unknown;

/** Webhooks on this machine, by path: what they were asked is kept, what they answer is up to the test. */
export class WebhookServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #answers = new Map<string, Answer>();
  readonly #calls = new Map<string, Review[]>();
  readonly #certificate;

  private constructor(host: string) {
    this.#certificate = serverCertificate(host);
    const { certificate, key } = this.#certificate;
    this.#server = createServer({ cert: certificate, key }, (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const path = (request.url ?? '').split('?')[0] ?? '';
        const review = JSON.parse(Buffer.concat(chunks).toString()) as Review;
        this.calls(path).push(review);
        void Promise.resolve(this.#answers.get(path)?.(review)).then((answer) => {
          if (typeof answer === 'number') response.statusCode = answer;
          response.setHeader('Content-Type', 'application/json');
          response.end(typeof answer === 'string' ? answer : JSON.stringify(answer));
        });
      });
    });
  }

  /** @param host - Whom the certificate is for, besides this machine. */
  static async start(host = '127.0.0.1'): Promise<WebhookServer> {
    const server = new WebhookServer(host);
    await new Promise<void>((resolve) => {
      server.#server.listen(0, '127.0.0.1', resolve);
    });
    return server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** The server's own certificate, PEM. */
  get certificate(): string {
    return this.#certificate.certificate;
  }

  get caBundle(): string {
    return Buffer.from(this.#certificate.caCertificate).toString('base64');
  }

  calls(path: string): Review[] {
    let calls = this.#calls.get(path);
    if (!calls) this.#calls.set(path, (calls = []));
    return calls;
  }

  /** Adds a webhook. @returns the clientConfig by which it is reached. */
  add(path: string, answer: Answer): { url: string; caBundle: string } {
    this.#answers.set(path, answer);
    return { url: `https://127.0.0.1:${String(this.port)}${path}`, caBundle: this.caBundle };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** The answer of an admission webhook that has no objections. */
export function allow(response: JsonObject = {}): Answer {
  return ({ apiVersion, kind, request: { uid } }) => ({
    apiVersion,
    kind,
    response: { uid, allowed: true, ...response },
  });
}

export function deny(status?: JsonObject): Answer {
  return allow({ allowed: false, ...(status ? { status } : {}) });
}

export function patch(...operations: readonly JsonObject[]): Answer {
  return allow({ patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(operations)).toString('base64') });
}

/** The answer of a conversion webhook. */
export function convert(change: (object: KubeObject, apiVersion: string) => KubeObject): Answer {
  return ({ apiVersion, kind, request: { uid, objects = [], desiredAPIVersion = '' } }) => ({
    apiVersion,
    kind,
    response: {
      uid,
      result: { status: 'Success' },
      convertedObjects: objects.map((object) =>
        change({ ...object, apiVersion: desiredAPIVersion }, desiredAPIVersion),
      ),
    },
  });
}

const GROUP = 'admissionregistration.k8s.io';

/** Registers webhooks for all writes of Widgets, unless they say otherwise. */
export async function register(
  { api }: ControlPlane,
  type: 'Mutating' | 'Validating',
  name: string,
  webhooks: readonly JsonObject[],
): Promise<void> {
  await api.create(
    { group: GROUP, plural: `${type.toLowerCase()}webhookconfigurations` },
    {
      apiVersion: `${GROUP}/v1`,
      kind: `${type}WebhookConfiguration`,
      metadata: { name },
      webhooks: webhooks.map((webhook, index) => ({
        name: `${name}${String(index)}.example.com`,
        rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['widgets'] }],
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        ...webhook,
      })),
    },
  );
}

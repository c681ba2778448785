import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ControlPlane } from './control-plane.js';
import type { KubeObject } from './object.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: KubeObject & { readonly items?: KubeObject[]; readonly message?: string };
}

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;

/** A client that interprets nothing, for servers that were started without TLS. */
export class PlainClient {
  readonly #url: string;
  readonly #token: string;

  /** @param token - Of whom it makes requests; default: the administrator's. */
  constructor({ url, token: administrator }: ControlPlane, token = administrator) {
    this.#url = url;
    this.#token = token;
  }

  get(path: string, headers?: Record<string, string>): Promise<Answer> {
    return this.#send('GET', path, undefined, headers);
  }

  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.#send('POST', path, body, headers);
  }

  put(path: string, body: unknown): Promise<Answer> {
    return this.#send('PUT', path, body);
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return this.#send('DELETE', path, body);
  }

  patch(path: string, type: keyof typeof PATCH_TYPES, body: unknown): Promise<Answer> {
    return this.#send('PATCH', path, body, { 'Content-Type': PATCH_TYPES[type] });
  }

  /** The events of a watch as they come; ends with the stream. */
  async *watch(path: string, signal?: AbortSignal): AsyncGenerator<{ type: string; object: KubeObject }> {
    const response = await fetch(this.#url + path, {
      headers: { Authorization: `Bearer ${this.#token}` },
      ...(signal ? { signal } : {}),
    });
    if (!response.body) return;
    for await (const line of createInterface({ input: Readable.fromWeb(response.body) })) {
      yield JSON.parse(line) as { type: string; object: KubeObject };
    }
  }

  async #send(method: string, path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { Authorization: `Bearer ${this.#token}`, 'Content-Type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      redirect: 'manual',
    });
    const text = await response.text();
    const isJson = (response.headers.get('content-type') ?? '').includes('json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson ? JSON.parse(text) : {}) as Answer['body'],
    };
  }
}

/** The next events of a watch. */
export async function take<T>(events: AsyncGenerator<T>, count: number): Promise<T[]> {
  const taken: T[] = [];
  while (taken.length < count) {
    const { value, done } = await events.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

/** A definition of namespaced Widgets in example.com/v1, with status, scale and a field to select by. */
export function aWidgetDefinition(): KubeObject {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      scope: 'Namespaced',
      names: { plural: 'widgets', kind: 'Widget', shortNames: ['wd'] },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: {
            status: {},
            scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
          },
          selectableFields: [{ jsonPath: '.spec.color' }],
          additionalPrinterColumns: [
            { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
          ],
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  properties: {
                    color: { type: 'string' },
                    size: { type: 'integer', default: 1, minimum: 1 },
                    replicas: { type: 'integer' },
                    link: { type: 'object', properties: { to: { type: 'string' } } },
                  },
                },
                status: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
              },
            },
          },
        },
      ],
    },
  };
}

export function aWidget(name: string, spec: Record<string, unknown> = {}, metadata: object = {}): KubeObject {
  return { apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, ...metadata }, spec };
}

import type { Client, Clock, KubernetesObject, Logger } from '@trueup/kube';
import { messageOf } from '../errors.js';
import { WorkQueue, type Disposition } from '../queue/work-queue.js';
import { NamedObjects } from './named-objects.js';
import type { TrustingObject } from './trusting-objects.js';
import type { WebhookConfiguration } from './webhook-configurations.js';
import type { WebhookClientConfig } from './webhook-target.js';

export interface CaBundlesOptions {
  readonly client: Client;
  readonly clock: Clock;
  readonly log: Logger;
  /** Field manager of the bundles. */
  readonly fieldManager: string;
  readonly objects: readonly TrustingObject[];
  /** Base64; what they should say. */
  caBundle(): string;
}

type Definition = KubernetesObject & {
  readonly spec?: {
    readonly conversion?: {
      readonly strategy?: string;
      readonly webhook?: { readonly clientConfig?: WebhookClientConfig };
    };
  };
};

/**
 * Keeps in the configurations of webhooks, and in the definitions of kinds that are converted, whose certificates the API
 * server is to trust. Whoever installs them need not know; what is not there is waited for.
 */
export class CaBundles {
  readonly #queue: WorkQueue;
  readonly #watched: NamedObjects;

  constructor(private readonly options: CaBundlesOptions) {
    this.#queue = new WorkQueue((key) => this.#work(key), { concurrency: 1, clock: options.clock });
    this.#watched = new NamedObjects(options);
  }

  /** Begins to watch the objects, each by its name. */
  start(): void {
    for (const object of this.options.objects)
      this.#watched.watch(object.resource, object, () => this.#queue.add(keyOf(object)));
    this.#queue.start();
  }

  /** There is another bundle. */
  renew(): void {
    for (const object of this.options.objects) this.#queue.add(keyOf(object));
  }

  async stop(): Promise<void> {
    await this.#queue.stop();
    await this.#watched.stop();
  }

  async #work(key: string): Promise<Disposition> {
    const object = this.options.objects.find((each) => keyOf(each) === key);
    try {
      if (object !== undefined) await this.#ensure(object);
      return { kind: 'done' };
    } catch (error) {
      const { log } = this.options;
      log.warn(
        { object: key, error: messageOf(error) },
        'the API server cannot be told whom to trust; it is tried again',
      );
      return { kind: 'retry', error };
    }
  }

  async #ensure({ resource, name }: TrustingObject): Promise<void> {
    const { client, fieldManager, log } = this.options;
    const caBundle = this.options.caBundle();
    const stored = await client.find(resource, { name });
    const content = stored && bundledIn(stored, caBundle);
    if (stored === undefined || content === undefined) return;
    const { apiVersion, kind } = stored;
    await client.apply(resource, { apiVersion, kind, metadata: { name }, ...content }, { fieldManager, force: true });
    log.info({ kind, name }, 'the API server trusts the webhook certificate');
  }
}

const keyOf = ({ resource, name }: TrustingObject): string => `${resource.kind} ${name}`;

/** The fields of an object that hold the bundle; undefined when they all do already. */
function bundledIn(object: WebhookConfiguration | Definition, caBundle: string): object | undefined {
  const clientConfig = { caBundle };
  if ('spec' in object) {
    const { strategy, webhook } = object.spec?.conversion ?? {};
    if (strategy !== 'Webhook' || webhook?.clientConfig?.caBundle === caBundle) return undefined;
    return { spec: { conversion: { strategy, webhook: { clientConfig } } } };
  }
  if (!('webhooks' in object)) return undefined;
  const { webhooks = [] } = object;
  if (webhooks.every((webhook) => webhook.clientConfig.caBundle === caBundle)) return undefined;
  return { webhooks: webhooks.map(({ name }) => ({ name, clientConfig })) };
}

import {
  Informers,
  type Client,
  type Clock,
  type KubernetesObject,
  type Logger,
  type NamespacedName,
  type ResourceType,
} from '@trueup/kube';

/** Single objects that are watched, each by its name, to be told when they change. What they hold is not kept. */
export class NamedObjects {
  readonly #informers: Informers;

  constructor({ client, clock, log }: { readonly client: Client; readonly clock: Clock; readonly log: Logger }) {
    const transform = ({ apiVersion, kind, metadata }: KubernetesObject) => ({ apiVersion, kind, metadata });
    this.#informers = new Informers(client, { logger: log, clock, transform });
  }

  /** Calls back when the object is there, and for every change of it from then on. */
  watch(resource: ResourceType, { namespace, name }: NamespacedName, onChange: () => void): void {
    const informer = this.#informers.informer(resource, {
      ...(namespace !== undefined && { namespace }),
      fieldSelector: `metadata.name=${name}`,
    });
    informer.store.subscribe(onChange);
    informer.start();
  }

  stop(): Promise<void> {
    return this.#informers.stop();
  }
}

import type { KubeObject } from '../object.js';
import type { Api, ObjectEvent, ResourceName, ServerController } from './api.js';
import { isConflict, isNamespaceTerminating, isNotFound } from './api-errors.js';
import { CONFIG_MAPS, NAMESPACES, SERVICE_ACCOUNTS, isResource } from './resource-names.js';
import { WorkQueue } from './work-queue.js';

const DEFAULT_ACCOUNT = 'default';
const ROOT_CA = 'kube-root-ca.crt';

export interface ServiceAccountControllerOptions {
  /** The certificate, PEM, by which pods recognise the API server. */
  readonly caCertificate: string;
}

/** Gives every namespace its ServiceAccount `default` and the ConfigMap `kube-root-ca.crt`, again if they are deleted. */
export class ServiceAccountController implements ServerController {
  readonly name = 'service-account-controller';
  readonly #caCertificate: string;
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor({ caCertificate }: ServiceAccountControllerOptions) {
    this.#caCertificate = caCertificate;
  }

  start(api: Api): void {
    const queue = new WorkQueue({ process: (namespace) => this.#sync(api, namespace) });
    this.#queue = queue;
    this.#unsubscribe = api.onEvent((event) => {
      const namespace = affectedNamespace(event);
      if (namespace !== undefined) queue.add(namespace);
    });
    for (const { metadata } of api.list(NAMESPACES)) if (metadata.name !== undefined) queue.add(metadata.name);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }

  async #sync(api: Api, name: string): Promise<void> {
    const namespace = api.get(NAMESPACES, undefined, name);
    if (namespace === undefined || namespace.metadata.deletionTimestamp !== undefined) return;
    await ensure(api, SERVICE_ACCOUNTS, {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: DEFAULT_ACCOUNT, namespace: name },
    });
    const data = { 'ca.crt': this.#caCertificate };
    await ensure(api, CONFIG_MAPS, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: ROOT_CA,
        namespace: name,
        annotations: {
          'kubernetes.io/description':
            'The certificate by which clients inside the cluster recognise the API server, for the projected volume of service account tokens.',
        },
      },
      data,
    });
    await api.update(CONFIG_MAPS, name, ROOT_CA, (draft) => {
      draft['data'] = data;
    });
  }
}

/** New namespaces, and those that lost or changed what they are given. */
function affectedNamespace({ type, resource, object }: ObjectEvent): string | undefined {
  const { name, namespace } = object.metadata;
  if (isResource(resource, NAMESPACES)) return type === 'ADDED' ? name : undefined;
  if (isResource(resource, SERVICE_ACCOUNTS))
    return type === 'DELETED' && name === DEFAULT_ACCOUNT ? namespace : undefined;
  if (isResource(resource, CONFIG_MAPS)) return type !== 'ADDED' && name === ROOT_CA ? namespace : undefined;
  return undefined;
}

async function ensure(api: Api, resource: ResourceName, object: KubeObject): Promise<void> {
  const { namespace, name = '' } = object.metadata;
  if (api.get(resource, namespace, name) !== undefined) return;
  try {
    await api.create(resource, object);
  } catch (error) {
    if (!isConflict(error) && !isNamespaceTerminating(error) && !isNotFound(error)) throw error;
  }
}

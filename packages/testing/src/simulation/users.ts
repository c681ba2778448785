import type { KindOf } from '@trueup/core';
import { parseManifests, type Client, type KubernetesObject } from '@trueup/kube';
import type { ManifestObject } from '../harness.js';
import type { Deed } from './scenario.js';

/** Those who ask for things, in one namespace. Nothing disturbs their requests. */
export class Users {
  constructor(
    private readonly client: Client,
    private readonly namespace: string,
  ) {}

  async do(deed: Deed): Promise<void> {
    switch (deed.type) {
      case 'apply':
        for (const object of deed.objects.flatMap(objectsOf)) await this.#apply(object);
        return;
      case 'edit':
        await this.client.mergePatch(deed.kind.resource, this.#named(deed.kind, deed.name), deed.patch);
        return;
      case 'delete':
        await this.client.delete(deed.kind.resource, this.#named(deed.kind, deed.name));
    }
  }

  async #apply(object: KubernetesObject): Promise<void> {
    const [version = '', group = ''] = object.apiVersion.split('/').reverse();
    const resource = await this.client.discover({ group, version, kind: object.kind });
    const metadata = resource.namespaced ? { namespace: this.namespace, ...object.metadata } : object.metadata;
    await this.client.apply(resource, { ...object, metadata }, { fieldManager: 'user', force: true });
  }

  #named({ resource }: KindOf, name: string): { readonly namespace?: string; readonly name: string } {
    return resource.namespaced ? { namespace: this.namespace, name } : { name };
  }
}

function objectsOf(manifest: string | ManifestObject): readonly KubernetesObject[] {
  return typeof manifest === 'string' ? parseManifests(manifest, 'manifest').map(({ object }) => object) : [manifest];
}

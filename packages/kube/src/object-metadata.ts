import type { KubernetesObject } from './object.js';
import { apiVersionOf, type ResourceType } from './resource-type.js';

/** The metadata of an object, under the object's own kind, however much of it the server has sent. */
export function metadataOf<T extends KubernetesObject>({ metadata }: T, resource: ResourceType): T {
  return { apiVersion: apiVersionOf(resource), kind: resource.kind, metadata } as T;
}

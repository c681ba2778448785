import type { KubernetesObject } from '@trueup/core';
import type { VirtualMCPServer } from './resource.js';

type Stored<T> = T extends readonly (infer Item)[]
  ? readonly Stored<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]?: Stored<T[Field]> }
    : T;

/** A server as it may be in the store: admitted without a spec, or before some rule of the schema existed. */
export interface StoredServer extends KubernetesObject {
  readonly spec: Stored<VirtualMCPServer['spec']>;
}

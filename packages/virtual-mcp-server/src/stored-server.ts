import type { KubernetesObject, Stored } from '@trueup/core';
import type { VirtualMCPServer } from './resource.js';

/** A server as it may be in the store: admitted without a spec, or before some rule of the schema existed. */
export interface StoredServer extends KubernetesObject {
  readonly spec: Stored<VirtualMCPServer['spec']>;
}

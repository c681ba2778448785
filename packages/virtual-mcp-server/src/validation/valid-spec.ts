import { VirtualMCPServer } from '../resource.js';
import type { StoredServer } from '../stored-server.js';

/** The spec with its defaults; undefined for one that was stored before the schema had its present rules and breaks them. */
export function validSpec({ spec }: StoredServer): VirtualMCPServer['spec'] | undefined {
  return VirtualMCPServer.definition.spec.safeParse(spec).data;
}

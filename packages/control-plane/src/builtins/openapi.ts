import type { JsonObject } from '../object.js';
import { builtinResources } from './builtin-resources.js';
import { openApiDefinition, referencedDefinitions } from './definitions.js';

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** What the operations of every kind use besides the kind itself. */
const COMMON = [
  `${META}.DeleteOptions`,
  `${META}.Status`,
  `${META}.Patch`,
  `${META}.WatchEvent`,
  `${META}.APIResourceList`,
];

/**
 * The `components.schemas` of the OpenAPI v3 document of a built-in group and version, `$ref`s included.
 * Descriptions are left out.
 */
export function builtinComponents(group: string, version: string): Record<string, JsonObject> {
  const names = new Set<string>();
  for (const definition of COMMON) referencedDefinitions(definition, names);
  for (const resource of builtinResources) {
    if (resource.group !== group || resource.version !== version) continue;
    for (const definition of resource.definitions) referencedDefinitions(definition, names);
  }
  return Object.fromEntries([...names].sort().map((name) => [name, openApiDefinition(name)]));
}

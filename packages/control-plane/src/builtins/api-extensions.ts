import type { KubeObject } from '../object.js';
import { createdAtColumn } from './columns.js';
import { ensureObjectAt, objectsAt, optionalObjectAt, setDefault, specOf, stringAt } from '../access.js';
import { ALL_METADATA, defineBuiltin } from './define-builtin.js';

/**
 * CustomResourceDefinitions as objects: their defaults. What they mean to the server, and when they are valid, is the
 * matter of `crd/` and `crd-validation/`.
 */
export const customResourceDefinitions = defineBuiltin({
  definition: 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition',
  group: 'apiextensions.k8s.io',
  plural: 'customresourcedefinitions',
  shortNames: ['crd', 'crds'],
  categories: ['api-extensions'],
  namespaced: false,
  generation: true,
  conditionalUpdate: true,
  subresources: { status: true },
  statusKeeps: ALL_METADATA,
  columns: [createdAtColumn],
  defaults: defaultDefinition,
  // The storage version is the first stored one.
  initialStatus: (next) => ({ storedVersions: storageVersions(next) }),
});

function defaultDefinition(crd: KubeObject): void {
  const spec = ensureObjectAt(crd, 'spec');
  const names = ensureObjectAt(spec, 'names');
  const kind = stringAt(names, 'kind');
  if (kind !== '') {
    setDefault(names, 'singular', kind.toLowerCase());
    setDefault(names, 'listKind', `${kind}List`);
  }
  const conversion = ensureObjectAt(spec, 'conversion');
  setDefault(conversion, 'strategy', 'None');
  const webhook = optionalObjectAt(conversion, 'webhook');
  const service = optionalObjectAt(optionalObjectAt(webhook ?? {}, 'clientConfig') ?? {}, 'service');
  if (service !== undefined) setDefault(service, 'port', 443);
}

function storageVersions(crd: KubeObject): string[] {
  return objectsAt(specOf(crd), 'versions')
    .filter((version) => version['storage'] === true)
    .slice(0, 1)
    .map((version) => stringAt(version, 'name'));
}

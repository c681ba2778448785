import { customResourceDefinition, type Kind } from '@trueup/core';
import { generatedYaml } from './generated-folder.js';
import { kustomization } from './kustomization.js';

/** The files of these kinds' CustomResourceDefinitions, by name, and a kustomization of them all. */
export function crdFiles(kinds: readonly Kind[]): ReadonlyMap<string, string> {
  const definitions = kinds.map(
    (kind) => [`${kind.resource.plural}.yaml`, generatedYaml(customResourceDefinition(kind))] as const,
  );
  return new Map([...definitions, ['kustomization.yaml', kustomization(definitions.map(([name]) => name).sort())]]);
}

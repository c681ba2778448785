import { customResourceDefinition } from '@trueup/core';
import type { OperatorApplication } from '../application.js';
import { conversionOf } from './webhooks.js';
import { generatedYaml } from './generated-folder.js';
import { kustomization } from './kustomization.js';

/** The files of an application's CustomResourceDefinitions, by name, and a kustomization of them all. */
export function crdFiles(application: OperatorApplication): ReadonlyMap<string, string> {
  const kinds = application.modules.flatMap((module) => module.kinds);
  const definitions = kinds.map((kind) => {
    const definition = customResourceDefinition(kind, conversionOf(application, kind));
    return [`${kind.resource.plural}.yaml`, generatedYaml(definition)] as const;
  });
  return new Map([...definitions, ['kustomization.yaml', kustomization(definitions.map(([name]) => name).sort())]]);
}

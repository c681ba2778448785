import path from 'node:path';
import { operatorPermissions } from '@trueup/core';
import { permissionOptions, type OperatorApplication } from '../application.js';
import type { Feature } from '../features.js';
import { crdFiles } from './crds.js';
import { generatedYaml, type GeneratedFolder } from './generated-folder.js';
import { kustomization } from './kustomization.js';
import { operatorObjects } from './operator-objects.js';
import { admissionConfigurations, typeOf } from './webhooks.js';

/** What to generate: the folders that are named. */
export interface GenerateTargets {
  /** CustomResourceDefinitions, one file a kind. */
  readonly crds?: string;
  /** A kustomize base: the operator for all namespaces, and the kinds when `crds` is given, too. */
  readonly kustomize?: string;
  /**
   * A Helm chart, kept by hand; the rules of its roles are generated into its folder `rbac`, and the lists of admission
   * webhooks into `webhooks`, if there are any.
   */
  readonly chart?: string;
}

/** Everything that is generated for an application. */
export function operatorFolders(
  application: OperatorApplication,
  { crds, kustomize, chart }: GenerateTargets,
): readonly GeneratedFolder[] {
  return [
    ...(crds === undefined ? [] : [{ folder: crds, files: crdFiles(application) }]),
    ...(kustomize === undefined ? [] : [{ folder: kustomize, files: kustomizeFiles(application, kustomize, crds) }]),
    ...(chart === undefined ? [] : chartFolders(application, chart)),
  ];
}

function kustomizeFiles(
  application: OperatorApplication,
  folder: string,
  crds: string | undefined,
): ReadonlyMap<string, string> {
  const objects = Object.entries(operatorObjects(application));
  const definitions = crds === undefined ? [] : [path.relative(folder, crds).split(path.sep).join('/')];
  return new Map([
    ...objects.map(([name, object]) => [`${name}.yaml`, generatedYaml(object)] as const),
    ['kustomization.yaml', kustomization([...definitions, ...objects.map(([name]) => `${name}.yaml`)])],
  ]);
}

function chartFolders(application: OperatorApplication, chart: string): readonly GeneratedFolder[] {
  const webhooks = admissionConfigurations(application).map(
    (configuration) => [`${typeOf(configuration)}.yaml`, generatedYaml(configuration.webhooks)] as const,
  );
  return [
    { folder: path.join(chart, 'rbac'), files: chartRules(application) },
    ...(webhooks.length === 0 ? [] : [{ folder: path.join(chart, 'webhooks'), files: new Map(webhooks) }]),
  ];
}

/** What a feature needs besides, for a role over all namespaces. */
function featureRules({ name, modules }: Feature): readonly [file: string, text: string] {
  const { namespaced, cluster } = operatorPermissions(modules);
  return [`${name}.yaml`, generatedYaml([...namespaced, ...cluster])];
}

/** Lists of rules, for the templates of a chart to take in. */
function chartRules(application: OperatorApplication): ReadonlyMap<string, string> {
  const { namespaced, cluster, ownNamespace } = operatorPermissions(
    application.modules,
    permissionOptions(application),
  );
  return new Map([
    ['namespaced.yaml', generatedYaml(namespaced)],
    ['cluster.yaml', generatedYaml(cluster)],
    ['own-namespace.yaml', generatedYaml(ownNamespace)],
    ...(application.features ?? []).map(featureRules),
  ]);
}

import { generatedYaml } from './generated-folder.js';

/** The text of a kustomization.yaml of these files and folders. */
export function kustomization(resources: readonly string[]): string {
  return generatedYaml({ apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources });
}

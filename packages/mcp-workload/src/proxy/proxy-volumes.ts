import type { ProxySpec } from '../schemas/proxy-fields.js';
import { runConfigMapName } from '../run-config/run-config-map.js';
import { AUTHZ_KEY, inlineAuthzName } from './inline-authz.js';
import type { MountedVolume } from './proxy-deployment.js';

/** A ConfigMap that the proxy reads. */
export function configMapVolume(name: string, mountPath: string, configMap: object): MountedVolume {
  return { volume: { name, configMap }, mount: { mountPath, readOnly: true } };
}

/** The run configuration of a workload, where the runner looks for it. */
export function runConfigVolume(workload: string): MountedVolume {
  return configMapVolume('runconfig', '/etc/runconfig', { name: runConfigMapName(workload) });
}

/** The policies of a workload; nothing for those of a shared config, which are in the run configuration. */
export function authzVolumes(workload: string, { authzConfig }: ProxySpec): readonly MountedVolume[] {
  if (authzConfig === undefined) return [];
  const { type, configMap } = authzConfig;
  const source = type === 'configMap' && configMap ? configMap : { name: inlineAuthzName(workload), key: AUTHZ_KEY };
  const items = [{ key: source.key, path: AUTHZ_KEY }];
  return [configMapVolume('authz-config', '/etc/toolhive/authz', { name: source.name, items })];
}

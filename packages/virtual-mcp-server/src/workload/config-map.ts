import type { DesiredObject } from '@trueup/core';
import { CONTENT_CHECKSUM, contentChecksum } from '@trueup/mcp-workload';
import { configMapName } from '../names.js';

/** The documents a server runs by, as texts. */
export interface ConfigTexts {
  readonly config: string;
  /** Of the embedded authorization server, where there is one. */
  readonly authServer?: string;
}

/** The ConfigMap that holds the configuration of a server, and the checksum that its pods carry. */
export function configMap(
  server: string,
  { config, authServer }: ConfigTexts,
): { readonly configMap: DesiredObject; readonly checksum: string } {
  const labels = {
    'toolhive.stacklok.io/component': 'vmcp-config',
    'toolhive.stacklok.io/virtual-mcp-server': server,
    'toolhive.stacklok.io/managed-by': 'toolhive-operator',
  };
  const data = { 'config.yaml': config, ...(authServer !== undefined && { 'authserver-config.yaml': authServer }) };
  const checksum = contentChecksum({ data, labels });
  const metadata = { name: configMapName(server), labels, annotations: { [CONTENT_CHECKSUM]: checksum } };
  return { configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, checksum };
}

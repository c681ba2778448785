import { createHash } from 'node:crypto';
import type { DesiredObject } from '@trueup/core';
import { byBytes, goJson } from '../formats/go-json.js';
import type { RunConfig } from './run-config.js';

type Strings = Readonly<Record<string, string>>;

/** Key of the document in its ConfigMap. */
export const RUN_CONFIG_KEY = 'runconfig.json';

/** Annotation of the ConfigMap with the checksum of its content. */
export const CONTENT_CHECKSUM = 'toolhive.stacklok.dev/content-checksum';

/** Name of the ConfigMap that holds a workload's run configuration. */
export const runConfigMapName = (workload: string): string => `${workload}-runconfig`;

/** The document as it stands in the ConfigMap. */
export const formatRunConfig = (config: RunConfig): string => goJson(config, 2);

/**
 * The ConfigMap with the run configuration, and its checksum. Whoever runs by the configuration carries the checksum in
 * its pod template, so that a change of one rolls the other.
 *
 * @param component - What label names the workload: `mcp-server`, `mcp-remote-proxy`.
 */
export function runConfigMap(
  config: RunConfig,
  component: string,
): { readonly configMap: DesiredObject; readonly checksum: string } {
  const labels = {
    'toolhive.stacklok.io/component': 'run-config',
    [`toolhive.stacklok.io/${component}`]: config.name,
    'toolhive.stacklok.io/managed-by': 'toolhive-operator',
  };
  const data = { [RUN_CONFIG_KEY]: formatRunConfig(config) };
  const checksum = contentChecksum({ data, labels });
  const metadata = { name: runConfigMapName(config.name), labels, annotations: { [CONTENT_CHECKSUM]: checksum } };
  return { configMap: { apiVersion: 'v1', kind: 'ConfigMap', metadata, data }, checksum };
}

/** SHA-256 over data, labels and annotations (but for the checksum itself), each by key in byte order; hex. */
export function contentChecksum({ data = {}, labels = {}, annotations = {} }: ChecksumContent): string {
  const { [CONTENT_CHECKSUM]: _, ...counted } = annotations;
  const hash = createHash('sha256');
  for (const entries of [data, labels, counted]) {
    for (const [key, value] of Object.entries(entries).sort(([a], [b]) => byBytes(a, b)))
      hash.update(key).update(value);
  }
  return hash.digest('hex');
}

export interface ChecksumContent {
  readonly data?: Strings;
  readonly labels?: Strings;
  readonly annotations?: Strings;
}

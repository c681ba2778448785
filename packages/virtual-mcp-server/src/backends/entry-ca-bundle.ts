import { findCondition, type Volume, type VolumeMount } from '@trueup/core';
import type { MCPServerEntry } from '@trueup/mcp-server-entry';
import { caBundlePathProblem } from '../config-document/problems/ca-bundle-path-problem.js';
import { shortHash } from './secret-variables.js';

/** The certificate authorities an entry is trusted by, as the server's pods get them. */
export interface EntryCaBundle {
  readonly configMap: string;
  readonly key: string;
  /** The file in the container. */
  readonly path: string;
  readonly volume: Volume;
  readonly mount: VolumeMount;
}

/** Longest name a volume can have (RFC 1123 label). */
const MAX_VOLUME_NAME = 63;

/** The CA bundle of an entry; undefined when it names none, or one that is known not to be there: no pod would start with it. */
export function entryCaBundle({ metadata, spec, status }: MCPServerEntry): EntryCaBundle | undefined {
  const { name: configMap, key: givenKey } = spec.caBundleRef?.configMapRef ?? {};
  if (!configMap || findCondition(status?.conditions, 'CABundleRefValidated')?.status === 'False') return undefined;
  const key = givenKey || 'ca.crt';
  const name = caBundleVolumeName(metadata.name);
  const mountPath = `/etc/toolhive/ca-bundles/${metadata.name}`;
  return {
    configMap,
    key,
    path: `${mountPath}/${key}`,
    volume: { name, configMap: { name: configMap, items: [{ key, path: key }] } },
    mount: { name, mountPath, readOnly: true },
  };
}

/** Why the process would not read the CA bundle of an entry, and so would not start with it; undefined when it would. */
export function entryCaBundleProblem(entry: MCPServerEntry): string | undefined {
  const { path } = entryCaBundle(entry) ?? {};
  const problem = path && caBundlePathProblem(path);
  return (
    problem &&
    `MCPServerEntry ${JSON.stringify(entry.metadata.name)}: the path of its CA bundle, ${path}, ${problem}; rename the key`
  );
}

/** Name of the volume with the CA bundle of an entry: a hash tells those apart whose names cannot be taken as they are. */
export function caBundleVolumeName(entry: string): string {
  const name = `ca-bundle-${entry}`;
  if (name.length <= MAX_VOLUME_NAME && !name.includes('.')) return name;
  const start = entry.slice(0, 44).replaceAll('.', '-').replace(/-+$/, '');
  return `ca-bundle-${start}-${shortHash(entry)}`;
}

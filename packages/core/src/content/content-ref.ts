import type { EnvFromSource, EnvVar, PodSpec, Volume, VolumeMount } from '../builtin-kinds.js';

/** What a Secret or ConfigMap holds, in the namespace of whoever names it. */
export interface ContentRef {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  /** Absent: everything it holds, whatever the keys. */
  readonly key?: string;
  /** Its absence is no problem. Default false. */
  readonly optional?: boolean;
}

/** `Secret "tls" key "ca.crt"`, or `Secret "tls"` for all of it: how messages name content. */
export function formatContentRef({ kind, name, key }: ContentRef): string {
  return key === undefined ? `${kind} "${name}"` : `${kind} "${name}" key "${key}"`;
}

/**
 * The Secret and ConfigMap contents that a pod does not get anew by itself, each once, in order: those its containers take
 * their environment from (`env` by key, `envFrom` as a whole), and single files of a volume (`subPath`). A volume mounted as
 * a whole is not among them: the kubelet brings its files up to date.
 */
export function contentRefsOf({
  containers,
  initContainers = [],
  volumes = [],
}: Pick<PodSpec, 'containers' | 'initContainers' | 'volumes'>): readonly ContentRef[] {
  const all = [...initContainers, ...containers];
  const refs = [
    ...all.flatMap(({ env = [], envFrom = [] }) => [...envFrom.flatMap(sourceRefs), ...env.flatMap(variableRefs)]),
    ...all.flatMap(({ volumeMounts = [] }) => volumeMounts.flatMap((mount) => fileRefs(mount, volumes))),
  ];
  return [...new Map(refs.map((ref) => [formatContentRef(ref), ref])).values()];
}

function sourceRefs({ secretRef, configMapRef }: EnvFromSource): readonly ContentRef[] {
  return [...refToAll('Secret', secretRef), ...refToAll('ConfigMap', configMapRef)];
}

function variableRefs({ valueFrom }: EnvVar): readonly ContentRef[] {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  return [
    ...refToKey('Secret', secretKeyRef?.name, secretKeyRef),
    ...refToKey('ConfigMap', configMapKeyRef?.name, configMapKeyRef),
  ];
}

function fileRefs({ name, subPath }: VolumeMount, volumes: readonly Volume[]): readonly ContentRef[] {
  if (!subPath) return [];
  const { secret, configMap } = volumes.find((volume) => volume.name === name) ?? {};
  return [
    ...refToKey('Secret', secret?.secretName, keyOf(subPath, secret)),
    ...refToKey('ConfigMap', configMap?.name, keyOf(subPath, configMap)),
  ];
}

/** The key behind a file of a volume. Without a list of items every key is a file of its own name. */
function keyOf(file: string, source: Volume['secret'] | Volume['configMap']): Selected {
  const { items, optional } = source ?? {};
  const key = items === undefined ? file : items.find(({ path }) => path === file)?.key;
  return { key, optional };
}

interface Selected {
  readonly key?: string | undefined;
  readonly optional?: boolean | undefined;
}

function refToKey(kind: ContentRef['kind'], name: string | undefined, selected: Selected = {}): readonly ContentRef[] {
  const { key, optional } = selected;
  if (!name || key === undefined) return [];
  return [{ kind, name, key, ...(optional === undefined ? {} : { optional }) }];
}

function refToAll(kind: ContentRef['kind'], source: EnvFromSource['secretRef']): readonly ContentRef[] {
  const { name, optional } = source ?? {};
  return name ? [{ kind, name, ...(optional === undefined ? {} : { optional }) }] : [];
}

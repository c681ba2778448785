import type { PodSpec } from '../builtin-kinds.js';

/** What a Secret or ConfigMap holds under one key, in the namespace of whoever names it. */
export interface ContentRef {
  readonly kind: 'Secret' | 'ConfigMap';
  readonly name: string;
  readonly key: string;
  /** Its absence is no problem. Default false. */
  readonly optional?: boolean;
}

/** `Secret "tls" key "ca.crt"`: how messages name content. */
export function formatContentRef({ kind, name, key }: ContentRef): string {
  return `${kind} "${name}" key "${key}"`;
}

interface KeySelector {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

/**
 * The Secret and ConfigMap keys that the containers of a pod take their environment from, each once, in order. What a pod
 * mounts is not among them: the kubelet brings mounted files up to date by itself.
 */
export function contentRefsOf({ containers, initContainers = [] }: PodSpec): readonly ContentRef[] {
  const refs = [...initContainers, ...containers].flatMap(({ env = [] }) =>
    env.flatMap(({ valueFrom }) => {
      const source = valueFrom as { secretKeyRef?: KeySelector; configMapKeyRef?: KeySelector } | undefined;
      return [...refTo('Secret', source?.secretKeyRef), ...refTo('ConfigMap', source?.configMapKeyRef)];
    }),
  );
  return [...new Map(refs.map((ref) => [formatContentRef(ref), ref])).values()];
}

function refTo(kind: ContentRef['kind'], selector: KeySelector | undefined): readonly ContentRef[] {
  if (selector?.name === undefined || selector.name === '') return [];
  const { name, key, optional } = selector;
  return [{ kind, name, key, ...(optional === undefined ? {} : { optional }) }];
}

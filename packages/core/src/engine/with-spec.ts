import type { KubernetesObject } from '@trueup/kube';

/** An object without a spec is one whose every field is left to its default. */
export function withSpec<T extends KubernetesObject>(object: T): T {
  return 'spec' in object ? object : Object.freeze({ ...object, spec: Object.freeze({}) });
}

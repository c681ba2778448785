import type { Resource } from './resource.js';

/** A subresource as discovery lists it. */
export interface ServedSubresource {
  readonly name: string;
  readonly kind: string;
  /** Of the kind, where it is not the resource's own. */
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  /** OpenAPI name of what its requests carry, where that is not an object of the resource. */
  readonly definition?: string;
}

/** A connection is opened by GET (websockets) or POST (SPDY). */
const CONNECT = ['create', 'get'];

/** What built-in kinds have besides status and scale, by `group/plural`. */
const FURTHER: Readonly<Record<string, readonly ServedSubresource[]>> = {
  '/namespaces': [{ name: 'finalize', kind: 'Namespace', verbs: ['update'] }],
  '/pods': [
    { name: 'attach', kind: 'PodAttachOptions', verbs: CONNECT },
    { name: 'binding', kind: 'Binding', verbs: ['create'], definition: 'io.k8s.api.core.v1.Binding' },
    {
      name: 'eviction',
      kind: 'Eviction',
      group: 'policy',
      version: 'v1',
      verbs: ['create'],
      definition: 'io.k8s.api.policy.v1.Eviction',
    },
    { name: 'exec', kind: 'PodExecOptions', verbs: CONNECT },
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: CONNECT },
  ],
  '/serviceaccounts': [
    {
      name: 'token',
      kind: 'TokenRequest',
      group: 'authentication.k8s.io',
      version: 'v1',
      verbs: ['create'],
      definition: 'io.k8s.api.authentication.v1.TokenRequest',
    },
  ],
};

const SCALE = {
  name: 'scale',
  kind: 'Scale',
  group: 'autoscaling',
  version: 'v1',
  definition: 'io.k8s.api.autoscaling.v1.Scale',
} as const;

export function subresourcesOf(resource: Resource): ServedSubresource[] {
  const { status, scale } = resource.subresources;
  const verbs = ['get', 'patch', 'update'];
  return [
    ...(status ? [{ name: 'status', kind: resource.kind, verbs }] : []),
    ...(scale ? [{ ...SCALE, verbs }] : []),
    ...(resource.custom ? [] : (FURTHER[`${resource.group}/${resource.plural}`] ?? [])),
  ];
}

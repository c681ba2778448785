// Objects and patches that a server takes: tests damage them.

export const pod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'a', namespace: 'default', labels: { app: 'a' }, finalizers: ['a.example.com/f'] },
  spec: {
    containers: [{ name: 'a', image: 'a', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }] }],
    volumes: [{ name: 'v', emptyDir: {} }],
    tolerations: [{ key: 'a' }],
  },
};

export const livePod = {
  ...pod,
  metadata: {
    ...pod.metadata,
    managedFields: [
      {
        manager: 'm',
        operation: 'Apply' as const,
        apiVersion: 'v1',
        time: '2020-01-01T00:00:00Z',
        fieldsType: 'FieldsV1' as const,
        fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:name': {}, 'f:image': {} } } } },
      },
    ],
  },
};

export const fieldsV1 = {
  'f:metadata': { 'f:labels': { '.': {}, 'f:app': {} }, 'f:finalizers': { '.': {}, 'v:"a"': {} } },
  'f:spec': { 'f:containers': { 'k:{"name":"a"}': { '.': {}, 'f:ports': { 'i:0': {} } } } },
};

export const jsonPatch = [
  { op: 'add', path: '/metadata/labels/b', value: 'b' },
  { op: 'replace', path: '/spec/containers/0/image', value: 'b' },
  { op: 'copy', from: '/spec', path: '/spec/copy' },
  { op: 'move', from: '/spec/volumes/0', path: '/spec/volumes/-' },
  { op: 'test', path: '/kind', value: 'Pod' },
  { op: 'remove', path: '/spec/tolerations' },
];

export const strategicPatch = {
  metadata: { finalizers: ['b'], '$deleteFromPrimitiveList/finalizers': ['a.example.com/f'] },
  spec: {
    '$setElementOrder/containers': [{ name: 'a' }, { name: 'b' }],
    containers: [{ name: 'b' }, { name: 'a', $patch: 'delete' }],
    volumes: [{ $retainKeys: ['name', 'hostPath'], name: 'v', hostPath: { path: '/' } }],
    $retainKeys: ['containers', 'volumes'],
  },
};

const schema = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['a'],
      properties: {
        a: { type: 'string', pattern: '^a+$', maxLength: 5, default: 'a', enum: ['a', 'b'] },
        n: { type: 'integer' },
        b: { type: 'array', items: { type: 'integer', minimum: 1 }, 'x-kubernetes-list-type': 'set', default: [1] },
        c: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['k'],
          items: { type: 'object', required: ['k'], properties: { k: { type: 'string' } } },
        },
        d: {
          type: 'object',
          additionalProperties: { 'x-kubernetes-int-or-string': true },
        },
        e: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, 'x-kubernetes-embedded-resource': true },
      },
      'x-kubernetes-validations': [{ rule: 'self.a != "b"', messageExpression: '"a is " + self.a', fieldPath: '.a' }],
    },
  },
};

export const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'gadgets.example.com' },
  spec: {
    group: 'example.com',
    scope: 'Namespaced',
    names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: { status: {}, scale: { specReplicasPath: '.spec.n', statusReplicasPath: '.status.d' } },
        selectableFields: [{ jsonPath: '.spec.a' }],
        additionalPrinterColumns: [{ name: 'A', type: 'string', jsonPath: '.spec.c[?(@.k=="a")].k' }],
      },
    ],
    conversion: { strategy: 'None' },
  },
  status: { storedVersions: ['v1'] },
};

export const gadget = {
  apiVersion: 'example.com/v1',
  kind: 'Gadget',
  metadata: {
    name: 'a',
    labels: { app: 'a' },
  },
  spec: { a: 'a', b: [1, 2], c: [{ k: 'a' }], d: { x: 1, y: '2' }, n: 1 },
};

export const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'a', ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a', uid: 'u' }] },
  spec: {
    replicas: 2,
    selector: { matchLabels: { app: 'a' }, matchExpressions: [{ key: 'app', operator: 'In', values: ['a'] }] },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: 0 } },
    template: { metadata: { labels: { app: 'a' } }, spec: { containers: [{ name: 'a', image: 'a' }] } },
  },
};

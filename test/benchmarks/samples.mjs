// Custom resources that look like pods: as large, and with as much in common. Five belong together, as replicas do.
export const SAMPLE = { group: 'bench.trueup.dev', version: 'v1', kind: 'Sample', plural: 'samples', namespaced: true };
export const SITE = { group: 'bench.trueup.dev', version: 'v1', kind: 'Site', plural: 'sites', namespaced: true };
export const apiVersion = 'bench.trueup.dev/v1';

const NAMESPACES = 50;
const REPLICAS = 5;
const TIME = '2026-11-21T10:00:00Z';

export const namespaces = Array.from({ length: NAMESPACES }, (_, index) => `team-${index}`);

export function definitionOf({ group, version, kind, plural }, subresources) {
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          ...(subresources && { subresources }),
          schema: { openAPIV3Schema: { type: 'object', properties: { spec: anything, status: anything } } },
        },
      ],
    },
  };
}

export function aSample(index) {
  const application = Math.floor(index / REPLICAS);
  const name = `web-${application}-6d4cf56db6-${random(index).slice(0, 5)}`;
  const ip = `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;
  const image = `registry.example.com/team-${application % NAMESPACES}/web-${application % 300}:v1.${application % 40}.3`;
  const owner = `${random(application)}-9a9a-4b5e-9d0f-0123456789ab`;
  return {
    apiVersion,
    kind: 'Sample',
    metadata: {
      namespace: namespaces[application % NAMESPACES],
      name,
      generateName: `web-${application}-6d4cf56db6-`,
      labels: { app: `web-${application}`, 'pod-template-hash': '6d4cf56db6' },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `web-${application}-6d4cf56db6`,
          uid: owner,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    spec: {
      containers: [
        {
          name: 'web',
          image,
          ports: [{ containerPort: 8000 + (application % 90), protocol: 'TCP' }],
          resources: { limits: { memory: `${128 + (application % 7) * 64}Mi` }, requests: { cpu: '100m' } },
          volumeMounts: [
            {
              name: `kube-api-access-${random(index).slice(0, 5)}`,
              readOnly: true,
              mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
            },
          ],
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'IfNotPresent',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      nodeName: `node-${index % 200}`,
      schedulerName: 'default-scheduler',
      tolerations: ['not-ready', 'unreachable'].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: 'Exists',
        effect: 'NoExecute',
        tolerationSeconds: 300,
      })),
    },
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastTransitionTime: TIME,
      })),
      hostIP: `192.168.1.${index % 200}`,
      podIP: ip,
      podIPs: [{ ip }],
      startTime: TIME,
      containerStatuses: [
        {
          name: 'web',
          state: { running: { startedAt: TIME } },
          ready: true,
          restartCount: 0,
          image,
          imageID: `${image.split(':')[0]}@sha256:${random(application).repeat(8)}`,
          containerID: `containerd://${random(index).repeat(8)}`,
          started: true,
        },
      ],
      qosClass: 'Burstable',
    },
  };
}

export function aSite(index) {
  return {
    apiVersion,
    kind: 'Site',
    metadata: { namespace: 'bench', name: `site-${index}` },
    spec: { text: `hello from ${index}` },
  };
}

/** Eight hexadecimal digits, the same for the same number. */
function random(seed) {
  return (Math.imul(seed + 1, 2654435761) >>> 0).toString(16).padStart(8, '0');
}

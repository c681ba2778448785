const limits = { cpu: '500m', memory: '128Mi' };
const resources = { limits, requests: { cpu: '100m', memory: '64Mi' } };
const metadata = { labels: { team: 'a' }, annotations: { note: 'x y' } };
const resourceOverrides = {
  proxyDeployment: {
    ...metadata,
    podTemplateMetadataOverrides: metadata,
    env: [{ name: 'A', value: 'b' }],
    imagePullSecrets: [{ name: 'pull' }],
  },
  proxyService: metadata,
};
const podTemplateSpec = (container: string) => ({
  metadata: { labels: { team: 'a' } },
  spec: {
    nodeSelector: { disk: 'ssd' },
    tolerations: [{ key: 'k', operator: 'Exists' }],
    containers: [{ name: container, env: [{ name: 'E', value: '1' }], resources }],
  },
});

/** Specs of workloads with as much as possible in them of what gets into their children as users wrote it. */
export const EXAMPLE_SPECS: Readonly<Record<string, readonly object[]>> = {
  MCPServer: [
    { image: 'i', transport: 'streamable-http', resources, resourceOverrides },
    {
      image: 'i',
      args: ['a'],
      env: [{ name: 'A', value: 'b' }],
      volumes: [{ name: 'v', hostPath: '/h', mountPath: '/m' }],
      secrets: [{ name: 's', key: 'k', targetEnvName: 'T' }],
      serviceAccount: 'own',
      podTemplateSpec: podTemplateSpec('mcp'),
    },
  ],
  MCPRemoteProxy: [
    { remoteUrl: 'https://mcp.example.com', resources, resourceOverrides, serviceAccount: 'own' },
    {
      remoteUrl: 'https://mcp.example.com',
      headerForward: { addPlaintextHeaders: { 'X-A': 'b' } },
      podTemplateSpec: podTemplateSpec('toolhive'),
    },
  ],
  VirtualMCPServer: [
    {
      groupRef: { name: 'g' },
      incomingAuth: { type: 'anonymous' },
      imagePullSecrets: [{ name: 'pull' }],
      serviceType: 'NodePort',
      replicas: 2,
      podTemplateSpec: podTemplateSpec('vmcp'),
    },
  ],
};

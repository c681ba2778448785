import { describe, expect, it } from '@jest/globals';
import { buildRunConfig } from './run-config/build-run-config.js';
import { formatRunConfig } from './run-config/run-config-map.js';
import type { Transport } from './run-config/run-config.js';
import { playProxyRunner, proxyRunnerObjects, type StandInServer } from './proxy-runner-stand-in.js';

function runConfig(transport: Transport, backendReplicas?: number): string {
  return formatRunConfig(
    buildRunConfig({
      name: 'fetch',
      namespace: 'team',
      transport,
      host: '0.0.0.0',
      proxyPort: 9000,
      usageMetrics: false,
      backend: { kind: 'container', image: 'fetch:1', generation: 4, port: 8081, args: ['-v'] },
      ...(backendReplicas !== undefined && { scaling: { backend_replicas: backendReplicas } }),
    }),
  );
}

const pod = (
  generation: string,
  patch = '{"metadata":{},"spec":{"containers":[],"serviceAccountName":"fetch-sa"}}',
) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: 'fetch-1',
    namespace: 'team',
    annotations: { 'toolhive.stacklok.dev/mcpserver-generation': generation },
  },
  spec: { containers: [{ name: 'toolhive', args: ['run', `--k8s-pod-patch=${patch}`, 'fetch:1'] }] },
});

describe('proxyRunnerObjects', () => {
  it('makes the backend of a stdio server, without a Service', () => {
    const objects = proxyRunnerObjects({ pod: pod('4'), runConfig: runConfig('stdio', 1) });

    expect(objects).toHaveLength(1);
    expect(objects[0]).toMatchObject({
      kind: 'StatefulSet',
      metadata: { name: 'fetch', labels: { app: 'fetch', toolhive: 'true', 'toolhive-name': 'fetch' } },
      spec: {
        replicas: 1,
        serviceName: 'fetch',
        selector: { matchLabels: { app: 'fetch' } },
        template: {
          metadata: { annotations: { 'toolhive.stacklok.dev/mcpserver-generation': '4' } },
          spec: {
            serviceAccountName: 'fetch-sa',
            containers: [
              {
                name: 'mcp',
                image: 'fetch:1',
                args: ['-v'],
                stdin: true,
                env: [{ name: 'MCP_TRANSPORT', value: 'stdio' }],
              },
            ],
          },
        },
      },
    });
  });

  it('makes two Services for a server that is reached over the network, and leaves replicas to others', () => {
    const [set, ...services] = proxyRunnerObjects({ pod: pod('4'), runConfig: runConfig('sse') });

    expect(set?.['spec']).not.toHaveProperty('replicas');
    expect(services).toMatchObject([
      { metadata: { name: 'mcp-fetch-headless' }, spec: { clusterIP: 'None', ports: [{ port: 8081 }] } },
      { metadata: { name: 'mcp-fetch' }, spec: { selector: { app: 'fetch' } } },
    ]);
  });

  it('puts the environment of the run configuration over that of the pod patch', () => {
    const patch =
      '{"spec":{"containers":[{"name":"mcp","env":[{"name":"A","value":"1"},{"name":"MCP_TRANSPORT","value":"x"}]}]}}';
    const [set] = proxyRunnerObjects({ pod: pod('4', patch), runConfig: runConfig('stdio') });

    expect(set).toHaveProperty('spec.template.spec.containers.0.env', [
      { name: 'A', value: '1' },
      { name: 'MCP_TRANSPORT', value: 'stdio' },
    ]);
  });

  it('makes nothing for a server that is somewhere else', () => {
    const remote = formatRunConfig(
      buildRunConfig({
        name: 'remote',
        namespace: 'team',
        transport: 'sse',
        host: '0.0.0.0',
        proxyPort: 9000,
        usageMetrics: false,
        backend: { kind: 'remote', url: 'https://mcp.example.com' },
      }),
    );
    expect(proxyRunnerObjects({ pod: pod('4'), runConfig: remote })).toEqual([]);
  });

  it('leaves alone what a newer pod has made', () => {
    const [set] = proxyRunnerObjects({ pod: pod('5'), runConfig: runConfig('stdio') });
    const backend = { ...set, spec: set?.['spec'] } as NonNullable<Parameters<typeof proxyRunnerObjects>[0]['backend']>;

    expect(proxyRunnerObjects({ pod: pod('4'), runConfig: runConfig('stdio'), backend })).toEqual([]);
    expect(proxyRunnerObjects({ pod: pod('5'), runConfig: runConfig('stdio'), backend })).toHaveLength(1);
  });
});

describe('playProxyRunner', () => {
  it('makes one backend when the runners of two replicas start at the same time', async () => {
    const objects = new Map<string, object>();
    const api: StandInServer = {
      get: ({ plural }) => (plural === 'configmaps' ? { data: { 'runconfig.json': runConfig('stdio') } } : undefined),
      update: (_resource, _namespace, name) => Promise.resolve(objects.get(name)),
      create: async (_resource, object) => {
        await Promise.resolve();
        const { name = '' } = object.metadata;
        if (objects.has(name)) throw new Error(`"${name}" already exists`);
        objects.set(name, object);
      },
    };

    await Promise.all([1, 2].map(() => playProxyRunner({ pod: pod('4'), api })));

    expect([...objects.keys()]).toEqual(['fetch']);
  });
});

import { entryCaBundle } from './entry-ca-bundle.js';
import type { GroupMember } from './group-member.js';
import type { StaticBackend } from './strategy.js';

/** Annotations that are Kubernetes' own business. */
const FOREIGN_ANNOTATIONS = ['kubectl.kubernetes.io/', 'kubernetes.io/', 'deployment.kubernetes.io/', 'k8s.io/'];

/** What a member is as a backend; undefined while it cannot be called. */
export function staticBackend(member: GroupMember, group: string): StaticBackend | undefined {
  const endpoint = endpointOf(member);
  if (endpoint === undefined || !isCallable(endpoint)) return undefined;
  const { metadata } = member.workload;
  const { remoteUrl, workloadType, ...reached } = endpoint;
  return {
    name: metadata.name,
    ...reached,
    metadata: {
      ...userAnnotations(metadata.annotations),
      tool_type: 'mcp',
      workload_type: workloadType,
      namespace: metadata.namespace ?? '',
      ...(remoteUrl && { remote_url: remoteUrl }),
      group,
    },
  };
}

const TRANSPORTS = ['sse', 'streamable-http'];

function isCallable({ url, transport }: Endpoint): boolean {
  return TRANSPORTS.includes(transport) && /^https?:\/\//.test(url) && URL.canParse(url);
}

interface Endpoint {
  readonly url: string;
  readonly transport: string;
  readonly type?: 'entry';
  readonly caBundlePath?: string;
  readonly workloadType: string;
  readonly remoteUrl?: string;
}

function endpointOf(member: GroupMember): Endpoint | undefined {
  switch (member.kind) {
    case 'MCPServer': {
      const { spec, status } = member.workload;
      // What a stdio server is reached by is up to its proxy.
      const transport = spec.transport === 'stdio' ? spec.proxyMode : spec.transport;
      if (!status?.url || !transport) return undefined;
      return { url: status.url, transport, workloadType: 'mcp_server' };
    }
    case 'MCPRemoteProxy': {
      const { spec, status } = member.workload;
      if (!status?.url) return undefined;
      return { url: status.url, transport: spec.transport, workloadType: 'remote_proxy', remoteUrl: spec.remoteUrl };
    }
    case 'MCPServerEntry': {
      const { spec, status } = member.workload;
      if (status?.phase !== 'Valid') return undefined;
      const caBundle = entryCaBundle(member.workload);
      return {
        url: spec.remoteUrl,
        transport: spec.transport,
        type: 'entry',
        ...(caBundle && { caBundlePath: caBundle.path }),
        workloadType: 'server_entry',
        remoteUrl: spec.remoteUrl,
      };
    }
  }
}

function userAnnotations(annotations: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(annotations).filter(([key]) => !FOREIGN_ANNOTATIONS.some((prefix) => key.startsWith(prefix))),
  );
}

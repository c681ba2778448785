import { isGone, isOursAlone, type Explanation } from '../explanation.js';

export const MCP_REMOTE_PROXY: readonly Explanation[] = [
  {
    where: /^MCPRemoteProxy\/[^.]+\.status\.conditions\.AuthConfigured$/,
    when: (difference) => isOursAlone(difference) && (difference.ours as { readonly status: string }).status === 'True',
    because: 'mcp-remote-proxy R-2: AuthConfigured is True when nothing is wrong with authentication',
  },
  {
    where: /^MCPRemoteProxy\/[^.]+\.status\.conditions\.AuthConfigured\.(status|reason|message)$/,
    when: ({ ours }) => ['True', 'AuthValid', 'Authentication configuration is valid'].includes(String(ours)),
    because: 'mcp-remote-proxy R-2: AuthConfigured is False only for what is wrong with authentication',
  },
  {
    where: /^MCPRemoteProxy\/p\.status\.(phase|message|conditions\.Ready\.\w+)$/,
    recording: /^mcpserver-pod-states$/,
    because: 'mcp-remote-proxy R-9: containers are looked at, and pods are watched',
  },
  {
    where: /^MCPRemoteProxy\/sse\.status\.url$/,
    recording: /^mcpremoteproxy-options$/,
    because: 'mcp-remote-proxy R-11: the URL follows the port',
  },
  {
    where: /^Deployment\/podtpl-anno\.metadata\.annotations\.toolhive\.stacklok\.io\/podtemplatespec-hash$/,
    recording: /^mcpremoteproxy-options$/,
    when: isOursAlone,
    because: 'mcp-remote-proxy R-7: annotations of users do not drive out ours',
  },
  {
    where: /^ConfigMap\/hdr-secret-only-runconfig\.data\.runconfig\.json\.middleware_configs$/,
    recording: /^mcpremoteproxy-options$/,
    because: 'run-config 9, BETTER: no entry for headers when there is no plain one',
  },
  {
    where:
      /^Deployment\/rp\.spec\.template\.spec\.containers\.toolhive\.env\.(OTEL_RESOURCE_ATTRIBUTES|TOOLHIVE_OTEL_HEADER_X_API_KEY)$/,
    recording: /^telemetry-lifecycle$/,
    when: isOursAlone,
    because: 'mcp-remote-proxy R-10: the variables of telemetry',
  },
  {
    where: /^ConfigMap\/p-inline-authz-inline$/,
    recording: /^mcpserver-authz$/,
    when: isGone,
    because: 'mcp-server B-13: the ConfigMap goes with the inline policies',
  },
  {
    where: /^MCPRemoteProxy\/p\.metadata\.labels$/,
    recording: /^build-broken-while-serving$/,
    when: isGone,
    because: 'whoever recorded set a label between the steps',
  },
];

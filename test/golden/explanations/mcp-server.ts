import { isGone, isOursAlone, type Explanation } from '../explanation.js';

/** A patch of the backend's pods with what only ours adds to it taken out. */
function withoutDigest(patch: unknown): string {
  return String(patch).replace(
    /"metadata":\{"annotations":\{"toolhive\.stacklok\.dev\/secrets-digest":"[0-9a-f]{32}"\}\}/,
    '"metadata":{}',
  );
}

export const MCP_SERVER: readonly Explanation[] = [
  {
    where: /^MCPServer\/[^.]+\.status\.observedGeneration$/,
    recording: /-lifecycle(-mcpserver)?$|^extauth-mirror-mcpserver$/,
    when: ({ recorded, ours }) => Number(recorded) < Number(ours),
    because: 'mcp-server B-5: the generation is told when a reference is broken, too',
  },
  {
    where: /^MCPServer\/(e-aud|e-nooidc)\.status\.conditions\.ExternalAuthConfigValidated\./,
    recording: /^embedded-as-mcpserver$/,
    when: ({ ours }) =>
      ['True', 'ExternalAuthConfigValid', 2].includes(ours as string | number) || /is valid$/.test(String(ours)),
    because: 'mcp-server B-2: the condition heals',
  },
  {
    where: /^MCPServer\/srv\.status\.conditions\.CABundleRefValidated$/,
    recording: /^oidc-lifecycle$/,
    when: isGone,
    because: 'mcp-server B-1: it went with the reference; the recorded one is of a config that is no longer named',
  },
  {
    where: /^MCPServer\/(prof-cm|s-annot)\.status\.(phase|message|url|readyReplicas|conditions\.Ready\.\w+)$/,
    recording: /^mcpserver-options$|^tool-lifecycle$/,
    because:
      'run-config 5.3 (profiles are read from ConfigMaps) and tool-config 5.1 (annotations are left out), BETTER',
  },
  {
    where: /^(ConfigMap|Service|Deployment)\/(mcp-)?(prof-cm|s-annot)(-proxy|-runconfig)?$/,
    recording: /^mcpserver-options$|^tool-lifecycle$/,
    when: isOursAlone,
    because:
      'run-config 5.3 (profiles are read from ConfigMaps) and tool-config 5.1 (annotations are left out), BETTER',
  },
  {
    where: /^Deployment\/[^.]+\.spec\.template\.spec\.containers\.toolhive\.args\[1\]$/,
    when: ({ recorded, ours }) => recorded !== ours && recorded === withoutDigest(ours),
    because: 'config-pattern 3.1, BETTER: a digest of Secrets rolls the pods that use them',
  },
  {
    where: /^Deployment\/volumes\.spec\.template\.spec\.containers\.toolhive\.args\[1\]$/,
    recording: /^mcpserver-options$/,
    because: 'mcp-server B-22: volumes are in the patch of the backend',
  },
  {
    where:
      /^(Deployment\/overrides\.metadata\.annotations|Service\/mcp-overrides-proxy\.metadata\.(annotations|labels\.l))$/,
    recording: /^mcpserver-options$/,
    when: isGone,
    because: 'mcp-server B-18: what is taken out of the overrides goes',
  },
  {
    where: /^ServiceAccount\/overrides-(proxy-runner|sa)\.imagePullSecrets$/,
    recording: /^mcpserver-options$/,
    when: isGone,
    because: 'mcp-server B-18: what is taken out of the overrides goes',
  },
  {
    where: /^MCPServer\/grp-missing\.status\.conditions\.GroupRefValidated\./,
    recording: /^mcpserver-options$/,
    because: 'mcp-server B-6: servers watch their group',
  },
  {
    where: /^ConfigMap\/s-inline-authz-inline$/,
    recording: /^mcpserver-authz$/,
    when: isGone,
    because: 'mcp-server B-13: the ConfigMap goes with the inline policies',
  },
  {
    where: /^Deployment\/c\.metadata\.annotations$/,
    recording: /^mcpserver-pod-states$/,
    when: ({ ours }) =>
      JSON.stringify(ours) === '{"mcpserver.toolhive.stacklok.dev/last-processed-restart":"2026-06-01T00:00:00Z"}',
    because: 'mcp-server 10.1: the operator keeps on the Deployment what restart it has made',
  },
  {
    where: /^Deployment\/c\.spec\.template\.metadata\.annotations\.mcpserver\.toolhive\.stacklok\.dev\/restarted-at$/,
    recording: /^mcpserver-pod-states$/,
    when: isOursAlone,
    because: 'mcp-server B-9: the annotation survives the next change of the template',
  },
  {
    where: /^Deployment\/c\.metadata\.labels\.foreign$/,
    recording: /^mcpserver-pod-states$/,
    when: isOursAlone,
    because: 'mcp-server B-18: labels of others stay',
  },
  {
    where: /^MCPServer\/[abc]\.status\.(message|conditions\.Ready\.message)$/,
    recording: /^mcpserver-pod-states$/,
    when: ({ recorded, ours }) =>
      /^MCP server pod failed: (CrashLoopBackOff|PodFailed)$/.test(String(recorded)) &&
      ours === 'MCP server pod failed: ContainerTerminated',
    because: 'mcp-server 14: pods are watched, and the failed pods of the recording told nothing of their containers',
  },
  {
    where: /^MCPServer\/http\.status\.url$/,
    recording: /^mcpserver-transports$/,
    because: 'mcp-server B-7: the URL follows port and transport',
  },
];

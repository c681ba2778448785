import type { FoundDifference } from '../player.js';
import { isGone, isNotMade, isOursAlone, type Explanation } from '../explanation.js';

const isOurs =
  (...values: readonly unknown[]) =>
  ({ ours }: FoundDifference) =>
    values.includes(ours);

/** What a server says that ours does not serve, and the objects that it is not given. */
function notServed(recording: RegExp, names: string, because: string): readonly Explanation[] {
  const objects = `(ConfigMap|Deployment|Role|RoleBinding|Secret|Service|ServiceAccount)/(vmcp-)?(${names})(-vmcp(-config)?|-hmac-secret)?`;
  return [
    {
      where: new RegExp(`^VirtualMCPServer/(${names})\\.status\\.(phase|message|url|conditions\\.Ready(\\..*)?)$`),
      recording,
      because,
    },
    { where: new RegExp(`^${objects}$`), recording, when: isNotMade, because },
  ];
}

export const VIRTUAL_MCP_SERVER: readonly Explanation[] = [
  {
    where:
      /^VirtualMCPServer\/.*\.status\.conditions\.(GroupRefValidated|CompositeToolRefsValidated|SessionStorageWarning|AuthConfigured|OIDCConfigRefValidated|DiscoveredAuthConfig-.*)$/,
    when: isOursAlone,
    because: 'design: every check is made in every pass; the recorded operator stops at the first that fails',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.(authz|oidc|telemetry)ConfigHash$/,
    when: isOursAlone,
    because:
      'design: every reference is judged in every pass; the recorded operator stops at the first check that fails',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.conditions\.Ready$/,
    when: isOursAlone,
    because: 'virtual-mcp-server 4, 6.2 and 11, BETTER: Ready is False with the reason of what is wrong',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.phase$/,
    when: ({ recorded, ours }) => recorded === 'Pending' && ours === 'Failed',
    because: 'virtual-mcp-server 4, 6.2 and 11, BETTER: phase Failed while something is wrong',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.message$/,
    when: isOursAlone,
    because: 'virtual-mcp-server 4 and 6.2, BETTER: the message is always put into status.message',
  },
  {
    where: /^(Secret|ServiceAccount|Role|RoleBinding)\//,
    recording: /^vmcp-|^embedded-as-virtual|^oidc-vmcp/,
    when: isNotMade,
    because:
      'design: nothing is applied while something is wrong; the recorded operator makes these before it looks further',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.conditions\.ToolConfigValidated-/,
    when: isOursAlone,
    because: 'tool-config, consumers, BETTER: a reference to an MCPToolConfig has a condition',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.conditions\.(DefaultAuthConfig|BackendAuthConfig-.*)$/,
    recording: /^vmcp-outgoing-discovered$/,
    when: isOursAlone,
    because: 'virtual-mcp-server 10.6, BETTER: outgoing auth that cannot be used is a condition and fails nothing else',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.conditions\.AuthServerKeyMaterial$/,
    when: isOursAlone,
    because: 'auth-server-run-config 9, BETTER: condition AuthServerKeyMaterial',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.conditions\.UpstreamRedirectURIReachable$/,
    when: isOursAlone,
    because: 'auth-server-run-config 13.1: condition UpstreamRedirectURIReachable',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.conditions\.BaselineScopesValid$/,
    when: isOursAlone,
    because: 'virtual-mcp-server 8.9, BETTER: condition BaselineScopesValid',
  },
  {
    where:
      /^VirtualMCPServer\/.*\.status\.conditions\.(PodTemplateSpecValid|EmbeddingServerReady|OIDCConfigRefValidated|AuthServerConfigValidated)$/,
    when: isGone,
    because: 'virtual-mcp-server 6, BETTER: a condition goes with what it is about',
  },
  {
    where: /^VirtualMCPServer\/authz-auto\.status\.conditions\.AuthzUpstreamSelectionWarning\.message$/,
    because: 'virtual-mcp-server 6.3, BETTER: the message points to spec.authServerConfig.primaryUpstreamProvider',
  },
  {
    where: /^VirtualMCPServer\/authzref-two\.status\.conditions\.AuthzUpstreamSelectionWarning$/,
    when: isOursAlone,
    because: 'virtual-mcp-server 8.3, BETTER: the coherence check is made for authzConfigRef, too',
  },
  {
    where: /^VirtualMCPServer\/authzref-unknown\.status\.conditions\.AuthServerConfigValidated\./,
    because: 'virtual-mcp-server 8.3, BETTER: the coherence check is made for authzConfigRef, too',
  },
  {
    where: /^VirtualMCPServer\/.*\.status\.(message|phase|conditions\.Ready\..*)$/,
    recording: /^vmcp-late-validation-errors$|^vmcp-outgoing-discovered$/,
    when: ({ recorded }) =>
      ['No pods found for Virtual MCP server', 'Pending', 'DeploymentNotReady', 'Deployment is not yet ready'].includes(
        String(recorded),
      ),
    because:
      'virtual-mcp-server 11, BETTER: Failed, the message and Ready=False stay; the recorded operator flips for ever',
  },
  {
    where: /^VirtualMCPServer\/no-resource\.status\.(message|conditions\.AuthServerConfigValidated\.message)$/,
    because: 'virtual-mcp-server 8.4, BETTER: the default resource URL is that of the Service',
  },
  {
    where: /^ConfigMap\/.*-vmcp-config\.data\.config\.yaml\.incomingAuth\.oidc\.resource$/,
    because: 'virtual-mcp-server 8.4, BETTER: the default resource URL is that of the Service',
  },
  {
    where: /^ConfigMap\/.*\.incomingAuth\.oidc\.jwksAuthTokenPath$/,
    when: isOursAlone,
    because: 'vmcp-config 2.2, BETTER: the token for the key set is carried over',
  },
  {
    where: /^ConfigMap\/.*\.backends\[\d+\]\.metadata\.workload_status$/,
    when: isGone,
    because: 'virtual-mcp-server 10.6, BETTER (b): a phase of a member must not restart the server',
  },
  {
    where: /^ConfigMap\/.*\.backends\[\d+\]\.type$/,
    when: isOurs('entry'),
    because: 'virtual-mcp-server 10.6, BETTER (a): entries are told by their type',
  },
  {
    where: /^ConfigMap\/cfg-backends-vmcp-config\.data\.config\.yaml\.backends$/,
    when: isGone,
    because: 'virtual-mcp-server 2.1, BETTER: no static backends in discovered mode',
  },
  {
    where: /^ConfigMap\/.*\.rateLimiting\..*\.refillPeriod$/,
    because: 'vmcp-config 1.15, BETTER: the period is a plain text',
  },
  {
    where: /^Role\/.*-vmcp\.rules\[\d\]\.resourceNames$/,
    when: isOursAlone,
    because: 'virtual-mcp-server 9.4, BETTER: a server may touch its own object only',
  },
  {
    where: /^Deployment\/.*\.spec\.template\.metadata\.annotations\.toolhive\.stacklok\.dev\/secrets-digest$/,
    when: isOursAlone,
    because: 'virtual-mcp-server 9.1, BETTER: a digest of mounted Secrets and ConfigMaps rolls the pods',
  },
  {
    where:
      /^Deployment\/.*\.containers\.vmcp\.env\.TOOLHIVE_(HEADER_INJECTION_VALUE|TOKEN_EXCHANGE_CLIENT_SECRET|XAA_.*_CLIENT_SECRET)_/,
    when: isOursAlone,
    because: 'virtual-mcp-server 9.6, BETTER: every variable that config.yaml names is there, in both modes',
  },
  {
    where: /^VirtualMCPServer\/(v|v-k8s)\.status\.message$/,
    recording: /^oidc-vmcp$|^(authz|oidc|telemetry|tool)-lifecycle$/,
    when: ({ recorded }) => recorded === 'Virtual MCP server is running',
    because: 'virtual-mcp-server 6.2, BETTER: a broken reference is told in status.message while the pods serve',
  },
  {
    where: /^VirtualMCPServer\/v\.status\.(message|conditions\.(AuthConfigured|Ready)\.message)$/,
    recording: /^vmcp-authz$/,
    because: 'words of the YAML parser',
  },
  ...notServed(
    /^embedded-as-virtual/,
    'baseline-bad|baseline-scopes',
    'virtual-mcp-server 8.9, BETTER: baseline scopes are judged before any pod',
  ),
  ...notServed(
    /^vmcp-options$/,
    'agg|agg-manual|agg-prio-nocfg',
    'virtual-mcp-server 4 and vmcp-config 3, BETTER: what keeps the process from starting is Valid=False',
  ),
  {
    where: /^VirtualMCPServer\/(agg|agg-manual|agg-prio-nocfg)\.status\.conditions\.Valid\./,
    recording: /^vmcp-options$/,
    because: 'virtual-mcp-server 4 and vmcp-config 3, BETTER: what keeps the process from starting is Valid=False',
  },
  ...notServed(
    /^vmcp-composite$/,
    'ref-no-desc|ref-cycle|ref-bad-template|clash|twice|ref-missing',
    'vmcp-config 2.5, BETTER: each referenced definition is judged',
  ),
  {
    where:
      /^VirtualMCPServer\/(ref-no-desc|ref-cycle|ref-bad-template|clash|twice|ref-missing)\.status\.conditions\.CompositeToolRefsValidated\./,
    recording: /^vmcp-composite$/,
    because:
      'vmcp-config 2.5, BETTER: each referenced definition is judged, and not by its status, which the recording plays',
  },
  ...notServed(/^vmcp-options$|^golden-docs-vmcp-config-5-3$/, 'opt-ref|prod', 'nobody runs EmbeddingServers here'),
  {
    where: /^VirtualMCPServer\/(opt-ref|prod)\.status\.conditions\.EmbeddingServerReady\./,
    recording: /^vmcp-options$|^golden-docs-vmcp-config-5-3$/,
    because: 'nobody runs EmbeddingServers here',
  },
  {
    where: /^VirtualMCPServer\/nostore$/,
    because: 'external-auth-config, BETTER: the CRD refuses storage type redis without settings',
  },
  ...notServed(
    /^vmcp-authz$/,
    'vi',
    'virtual-mcp-server 4, BETTER: a policy that does not parse is told, and does not crash the pods',
  ),
  {
    where: /^VirtualMCPServer\/vi\.status\.conditions\.AuthConfigured\./,
    recording: /^vmcp-authz$/,
    because: 'virtual-mcp-server 4, BETTER: a policy that does not parse is told, and does not crash the pods',
  },
  {
    where: /^Service\/emb$/,
    when: isGone,
    because: 'nobody runs EmbeddingServers here',
  },
  {
    where: /^Service\/vmcp-svc\.spec\.ports\.http\.nodePort$/,
    because: 'a port that the server assigns',
  },
  {
    where:
      /^(VirtualMCPServer\/(v-backend-eas|v-backend-obo|v-missing)\.status\.(phase|message|url)|(ConfigMap|Deployment|Role|RoleBinding|Secret|Service|ServiceAccount)\/(vmcp-)?(v-backend-eas|v-backend-obo|v-missing)(-vmcp(-config)?|-hmac-secret)?)$/,
    recording: /^vmcp-outgoing-discovered$/,
    because: 'virtual-mcp-server 10.6, BETTER: outgoing auth that cannot be used is a condition and fails nothing else',
  },
  {
    where: /^VirtualMCPServer\/(v-default-missing|v-default-obo)\.status\.conditions\.AuthServerConfigValidated$/,
    recording: /^vmcp-outgoing-discovered$/,
    when: isOursAlone,
    because:
      'virtual-mcp-server 10.6, BETTER: outgoing auth that cannot be used fails nothing else, so that the next check is made',
  },
  {
    where: /^VirtualMCPServer\/v-default-noref\.status\.conditions\.Valid\./,
    recording: /^vmcp-outgoing-discovered$/,
    because: 'virtual-mcp-server 4, BETTER: spec.outgoingAuth.default is validated',
  },
  {
    where: /^ConfigMap\/v-over-vmcp-config\.data\.config\.yaml\.outgoingAuth\.backends\.github\./,
    recording: /^vmcp-outgoing-discovered$/,
    because: 'virtual-mcp-server 10.4, BETTER: type discovered takes the strategy of the workload',
  },
  {
    where: /^ConfigMap\/v-vmcp-config\.data\.config\.yaml\.telemetry\.caCertPath$/,
    recording: /^telemetry-lifecycle$/,
    when: isOursAlone,
    because: 'telemetry-config 5.2, BETTER: the path of the CA bundle is set',
  },
  {
    where: /^ConfigMap\/v-vmcp-config\.data\.config\.yaml\.incomingAuth\.authz\.multiValuedClaims$/,
    recording: /^authz-lifecycle$/,
    when: isOursAlone,
    because: 'authz-config 6.2, BETTER: multi_valued_claims are carried over',
  },
  {
    where: /^VirtualMCPServer\/vd?\.status\.conditions\.DiscoveredAuthConfig-auth-missing\.message$/,
    recording: /^serverentry$/,
    because: 'virtual-mcp-server 10.3 and config-pattern 12.6, BETTER: the prefix once',
  },
  {
    where:
      /^Deployment\/vd?\.spec\.template\.spec\.(containers\.vmcp\.env\.TOOLHIVE_(SECRET_)?HEADER_FORWARD_(X_API_KEY_)?HDR_(NOKEY|MISSING)|containers\.vmcp\.volumeMounts\..*\/ca-(nokey|missing)|volumes\.ca-bundle-ca-(nokey|missing))$/,
    recording: /^serverentry$/,
    when: isGone,
    because:
      'spec silent: a Secret or ConfigMap of one entry that is missing would keep the pods from starting, and with them every other backend',
  },
  {
    where: /^VirtualMCPServer\/(v-both|v-oidc-noref)\.status\.conditions\.Valid\.\w+$/,
    recording: /^nocel-beyond-admission$/,
    because: 'design: what admission would refuse is refused without it, too',
  },
  ...notServed(
    /^nocel-beyond-admission$/,
    'v-oidc-noref',
    'design: what admission would refuse is refused without it, too',
  ),
  {
    where: /^Secret\/v-both-hmac-secret$/,
    recording: /^nocel-beyond-admission$/,
    when: isGone,
    because:
      'design: nothing is applied while something is wrong; the recorded operator makes these before it looks further',
  },
];

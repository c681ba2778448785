import { isOursAlone, type Explanation } from '../explanation.js';

/** Names of conditions and hashes that follow when a config is judged False that was thought to be valid. */
const VERDICT = '\\.status\\.(configHash|conditions\\.Valid\\.(status|reason|message))$';

const isRefused = ({ ours }: { readonly ours: unknown }) => String(ours).startsWith('refused: ');

/** A config that is found invalid here, and was not by the recorded operator. */
function invalid(recording: RegExp, config: string, because: string): Explanation {
  return { where: new RegExp(`^${config}${VERDICT}`), recording, because };
}

export const CONFIGS: readonly Explanation[] = [
  {
    where: /^MCP\w+Config\/.*\.status\.(referenceCount|referencingWorkloads)(\[|$)/,
    because: 'config-pattern 8.2: configs show who uses them',
  },
  {
    where: /^MCPExternalAuthConfig\/[^.]+\.status\.observedGeneration$/,
    recording: /^extauth-mirror-mcpserver$|^embedded-as-mcp/,
    because: 'config-pattern 6.3, BETTER: it is set on every completed pass, also when the verdict is False',
  },
  {
    where: /^MCPExternalAuthConfig\/(aws-both|aws-neither|aws-norole|c)$/,
    recording: /^extauth-invalid-specs$|^extauth-mirror-invalidconfig-mcpserver$/,
    when: isRefused,
    because: 'external-auth-config 3.4, BETTER: rules for roles in the CRD',
  },
  {
    where: /^MCPExternalAuthConfig\/as-nostorecfg$/,
    recording: /^embedded-as-mcp/,
    when: isRefused,
    because: 'external-auth-config 3.10, BETTER: the CRD refuses storage type redis without settings',
  },
  invalid(
    /^extauth-invalid-specs$/,
    'MCPExternalAuthConfig/eas-http-nonloop',
    'external-auth-config 4.2, BETTER: an issuer with http is for localhost only',
  ),
  invalid(
    /^extauth-invalid-specs$/,
    'MCPExternalAuthConfig/eas-ti-matcher',
    'external-auth-config 4.2, BETTER: the matcher of a trusted issuer is compiled',
  ),
  {
    where: /^MCPOIDCConfig\/ca-long$/,
    recording: /^oidc-invalid$/,
    when: isRefused,
    because: 'oidc-config 2.1, BETTER: the CRD refuses CA ConfigMap names that are too long',
  },
  invalid(
    /^oidc-invalid$/,
    'MCPOIDCConfig/ca-nokm',
    'oidc-config 3, BETTER: a CA bundle without its ConfigMap is Valid=False',
  ),
  invalid(
    /^authz-invalid$/,
    'MCPAuthzConfig/(cedar-entities|cedar-syntax)',
    'authz-config 4, BETTER: policies and entities are parsed',
  ),
  {
    where: /^MCPAuthzConfig\/cedar-unknown\.status\.conditions\.Valid\.message$/,
    recording: /^authz-invalid$/,
    because: 'authz-config 4, BETTER: members that are ignored are named',
  },
  {
    where: /^MCPAuthzConfig\/cedar-string\.status\.conditions\.Valid\.message$/,
    recording: /^authz-invalid$/,
    because: 'words of the JSON decoder',
  },
  invalid(/^tool-lifecycle$/, 'MCPToolConfig/neither', 'tool-config 3, BETTER: an override that overrides nothing'),
  invalid(
    /^telemetry-lifecycle$/,
    'MCPTelemetryConfig/dup-header-case',
    'telemetry-config 3, BETTER: header names are compared without regard to case',
  ),
  invalid(
    /^nocel-beyond-admission$/,
    'MCPWebhookConfig/wh-none',
    'webhook-config 3, BETTER: a config without webhooks is invalid',
  ),
  {
    where: /^MCPTelemetryConfig\/t\.status\.conditions\.DeletionBlocked\.message$/,
    recording: /^telemetry-lifecycle$/,
    because: 'config-pattern 7.2 and telemetry-config 4, BETTER: the wording of the other kinds',
  },
  {
    where: /^MCPToolConfig\/t\.status\.conditions\.DeletionBlocked\.message$/,
    recording: /^tool-lifecycle$/,
    because: 'config-pattern 8.1 and tool-config 4, BETTER: every kind that refers to it counts',
  },
  {
    where: /^MCP(ExternalAuth|Tool)Config\/by-\w[-\w]*$/,
    recording: /^deletion-not-protected$/,
    when: isOursAlone,
    because: 'config-pattern 8.1, BETTER: a config cannot go while any object names it',
  },
  {
    where:
      /^(MCPRemoteProxy\/p\.status\.(phase|message|conditions\.(Ready|ToolConfigValidated)\.\w+)|MCPServerEntry\/e\.status\.(phase|conditions\.(Valid|ExternalAuthConfigValidated)\.\w+)|VirtualMCPServer\/v\.status\.conditions\.DiscoveredAuthConfig-e\.\w+)$/,
    recording: /^deletion-not-protected$/,
    because: 'config-pattern 8.1, BETTER: a config cannot go while any object names it, so that its users keep it',
  },
  {
    where: /^EmbeddingServer\/emb\.(status|metadata\.(generation|finalizers))$/,
    when: ({ recorded }) => recorded !== undefined,
    because: 'nobody runs EmbeddingServers here',
  },
  {
    where: /^MCP(Server|RemoteProxy)\/(s|p)$/,
    recording: /^nocel-authserverref-kind$/,
    when: isRefused,
    because: 'the enum of authServerRef.kind was taken out of the CRDs for the recording, and is in ours',
  },
];

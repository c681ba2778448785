import type { FoundDifference } from '../player.js';
import { bothFailed, isGone, isNotMade, isOursAlone, subject, type Explanation } from '../explanation.js';

const conditions = (kinds: string, types: string) => new RegExp(`^${kinds}/[^.]+\\.status\\.conditions\\.(${types})$`);

const HASH_OF_CONDITION = {
  AuthServerRefValidated: 'authServerConfigHash',
  AuthzConfigRefValidated: 'authzConfigHash',
  ExternalAuthConfigValidated: 'externalAuthConfigHash',
  OIDCConfigRefValidated: 'oidcConfigHash',
  TelemetryConfigRefValidated: 'telemetryConfigHash',
  ToolConfigValidated: 'toolConfigHash',
  WebhookConfigValidated: 'webhookConfigHash',
} as const;

/** A field of a workload, and the condition that speaks of it. */
const CONDITION_OF_FIELD: readonly (readonly [string, string])[] = [
  ['groupRef', 'GroupRefValidated'],
  ['oidcConfigRef', 'OIDCConfigRefValidated'],
  ['oidcConfigRef', 'CABundleRefValidated'],
  ['podTemplateSpec', 'PodTemplateValid'],
  ['telemetryConfigRef', 'TelemetryConfigRefValidated'],
];

const WORKLOAD = 'MCP(Server|RemoteProxy)';
const STANDING = 'phase|message|url|readyReplicas|conditions\\.Ready(\\.(status|reason|message))?';
const CHILD = /^(ConfigMap|Deployment|Role|RoleBinding|Secret|Service|ServiceAccount)\/[^.]+$/;

/** Something that keeps a workload from being deployed here and not there, or that is told otherwise. */
interface Obstacle {
  readonly recording: RegExp;
  /** What the workload says then. */
  readonly says: RegExp;
  /** The conditions that tell it, besides Ready. */
  readonly conditions?: string;
  /** The recorded operator makes no objects then either. */
  readonly isOnlyTold?: boolean;
  readonly because: string;
}

/** How a workload stands, what tells why, and the objects that are not made for it. */
function consequences({
  recording,
  says,
  conditions: types,
  isOnlyTold = false,
  because,
}: Obstacle): readonly Explanation[] {
  const when = (difference: FoundDifference) => says.test(subject(difference).ours.status?.message ?? '');
  const told = types === undefined ? '' : `|conditions\\.(${types})(\\.(status|reason|message))?`;
  const status = new RegExp(`^${WORKLOAD}/[^.]+\\.status\\.(${STANDING}${told})$`);
  const children: Explanation = {
    where: CHILD,
    recording,
    when: (difference) => isNotMade(difference) && when(difference),
    because,
  };
  return [{ where: status, recording, when, because }, ...(isOnlyTold ? [] : [children])];
}

const OBSTACLES: readonly Obstacle[] = [
  {
    recording: /^(churn-probe|build-broken-while-serving|mcpserver-options)$/,
    says: /unknown builtin permission profile "odd"/,
    because: 'run-config 5.3, BETTER: a readable error for an unknown profile',
  },
  {
    recording: /^extauth-mirror-invalidconfig-mcpserver$/,
    says: /^MCPExternalAuthConfig c not found/,
    conditions: 'ExternalAuthConfigValidated',
    because: 'external-auth-config 3.4, BETTER: the CRD refuses awsSts without roles',
  },
  {
    recording: /^extauth-missing-then-created$/,
    says: /^MCPExternalAuthConfig 'late' not found/,
    conditions: 'ExternalAuthConfigValidated|ConfigurationValid',
    isOnlyTold: true,
    because:
      'mcp-remote-proxy R-5 and config-pattern 12.2, BETTER: the check of the reference tells that it is missing',
  },
  {
    recording: /^mcpremoteproxy-options$/,
    says: /has no key "zz"$/,
    conditions: 'ConfigurationValid|AuthConfigured',
    because: 'mcp-remote-proxy 9, BETTER: the key of a header Secret is looked for',
  },
  {
    recording: /^mcpremoteproxy-options$/,
    says: /^Remote proxy is scaled to zero$/,
    isOnlyTold: true,
    because: 'mcp-remote-proxy 14, BETTER: a message of its own for zero replicas',
  },
  {
    recording: /^mcpserver-authz$/,
    says: /failed to parse authz config from ConfigMap c-mcpserver-authz\/bad/,
    conditions: 'ConfigurationValid|AuthConfigured',
    isOnlyTold: true,
    because: 'words of the YAML parser',
  },
  {
    recording: /^mcpserver-authz$/,
    says: /^Validation failed: cedar policy at index 1 has invalid syntax/,
    conditions: 'ConfigurationValid|AuthConfigured',
    isOnlyTold: true,
    because: 'words of the Cedar parser',
  },
  {
    recording: /^mcpserver-authz$/,
    says: /invalid authz config from spec.authzConfig.inline: .*cedar policy at index 0 has invalid syntax/,
    because: 'run-config 6.2, BETTER: every policy of every source is parsed',
  },
  {
    recording: /^authz-invalid$/,
    says: /MCPAuthzConfig c-authz-invalid\/cedar-syntax is not valid/,
    conditions: 'AuthzConfigRefValidated',
    because: 'authz-config 4, BETTER: a policy that does not parse is Valid=False, and nothing is deployed with it',
  },
  {
    recording: /^remote-url-rules$/,
    says: /"2130706433" is a number|hostname "localhost\." matches/,
    conditions: 'ConfigurationValid|AuthConfigured',
    because: 'mcp-remote-proxy 10, BETTER: numbers are no host names, and a trailing dot does not help',
  },
  {
    recording: /^token-exchange-workloads$|^build-broken-while-serving$/,
    says: /failed to process ExternalAuthConfig: .*client secret/,
    conditions: 'ExternalAuthConfigValidated',
    because: 'external-auth-config 5.2, BETTER: a condition says that the Secret is missing',
  },
  {
    recording: /^embedded-as-mcp/,
    says: /^baselineClientScopes contains/,
    because: 'external-auth-config 8.3, BETTER: baseline scopes are judged before any pod',
  },
  {
    recording: /^embedded-as-mcp/,
    says: /'as-nostorecfg' not found/,
    conditions: 'AuthServerRefValidated',
    because: 'external-auth-config 3.10, BETTER: the CRD refuses storage type redis without settings',
  },
  {
    recording: /^embedded-as-mcp/,
    says: /conflict: both authServerRef and externalAuthConfigRef/,
    conditions: 'AuthServerRefValidated',
    because: 'mcp-server B-11: a conflict is told in the condition and ends there',
  },
  {
    recording: /^embedded-as-mcp/,
    says: /disableUpstreamTokenInjection cannot be combined/,
    conditions: 'AuthServerRefValidated',
    because: 'config-pattern 12.4: what only the user can mend is told in the condition, and ends there',
  },
  {
    recording: /^embedded-as-mcp/,
    says: /oidcConfigRef.audience "other" must match resourceUrl "http:\/\/mcp-/,
    conditions: 'ExternalAuthConfigValidated|AuthServerRefValidated',
    because: 'run-config 6.1, BETTER: the default resource URL is that of the Service',
  },
  {
    recording: /^embedded-as-mcp/,
    says: /\/as: invalid \(ValidationFailed\): upstreamProviders\[0\]\.additionalAuthorizationParams/,
    conditions: 'AuthServerRefValidated',
    because:
      'mcp-server B-10, mcp-remote-proxy R-14: the verdict of the source is mirrored, and what runs keeps running',
  },
  {
    recording: /^extauth-all-types-valid$/,
    says: /which MCPServer does not support$/,
    conditions: 'ExternalAuthConfigValidated',
    because: 'mcp-server B-25, external-auth-config 2.1, BETTER: types that can never work on MCPServer are refused',
  },
  {
    recording: /^group-lifecycle$/,
    says: /^ConfigMap c-group-lifecycle\/m-runconfig belongs to MCPRemoteProxy m;/,
    conditions: 'ChildConflict',
    isOnlyTold: true,
    because: 'mcp-server B-23: objects of another owner are told clearly',
  },
  {
    recording: /^oidc-invalid$/,
    says: /MCPOIDCConfig\.toolhive\.stacklok\.dev "ca-long" not found/,
    conditions: 'OIDCConfigRefValidated|CABundleRefValidated',
    because: 'oidc-config 2.1, BETTER: the CRD refuses CA ConfigMap names that are too long',
  },
  {
    recording: /^oidc-invalid$/,
    says: /^MCPOIDCConfig ca-nokm is not valid/,
    conditions: 'OIDCConfigRefValidated|CABundleRefValidated',
    because: 'oidc-config 3, BETTER: a CA bundle without its ConfigMap is Valid=False',
  },
  {
    recording: /^oidc-invalid$/,
    says: /failed to get OIDC client secret c-oidc-invalid\/nope/,
    conditions: 'OIDCConfigRefValidated',
    because: 'mcp-server B-14: a Secret that is missing ends the pass; the recorded operator deploys without it',
  },
  {
    recording: /^tool-lifecycle$/,
    says: /^MCPToolConfig 'neither' is not valid/,
    conditions: 'ToolConfigValidated',
    because: 'tool-config 3, BETTER: the controller rejects it',
  },
  {
    recording: /^telemetry-lifecycle$/,
    says: /^MCPTelemetryConfig dup-header-case is invalid/,
    conditions: 'TelemetryConfigRefValidated',
    because: 'telemetry-config 3, BETTER: header names are compared without regard to case',
  },
  {
    recording: /^nocel-beyond-admission$/,
    says: /^authzConfig and authzConfigRef are mutually exclusive/,
    conditions: 'AuthzConfigRefValidated',
    because: 'authz-config 7, BETTER: both at once is AuthzConfigRefValidated=False',
  },
  {
    recording: /^nocel-beyond-admission$/,
    says: /^MCPExternalAuthConfig c-nocel-beyond-admission\/eas-(dcr-both|nil): invalid \(ValidationFailed\)/,
    conditions: 'AuthServerRefValidated',
    because: 'mcp-server B-10, mcp-remote-proxy R-14: the verdict of the source is mirrored',
  },
  {
    recording: /^nocel-beyond-admission$/,
    says: /sessionStorage.address is required when provider is redis$/,
    because: 'design: what admission would refuse is refused without it, too',
  },
  {
    recording: /^nocel-beyond-admission$/,
    says: /^invalid MCPWebhookConfig wh-none/,
    because: 'webhook-config 3, BETTER: a config without webhooks is invalid, and nothing is deployed with it',
  },
];

/** What MCPServer and MCPRemoteProxy have in common. */
export const WORKLOADS: readonly Explanation[] = [
  ...OBSTACLES.flatMap(consequences),
  ...Object.entries(HASH_OF_CONDITION).map(([type, hash]): Explanation => ({
    where: new RegExp(`^${WORKLOAD}/[^.]+\\.status\\.${hash}$`),
    when: (difference) => {
      const { ours, oursBefore } = subject(difference);
      const isNew = oursBefore.status?.[hash] === undefined;
      return isGone(difference) && isNew && ours.status?.conditions?.[type]?.status === 'False';
    },
    because: 'config-pattern 11.3 and 12.4: the hash is that of a config that can be used',
  })),
  {
    where:
      /^(ServiceAccount|Role|RoleBinding)\/[^.]+-(proxy-runner|remote-proxy-runner|sa)$|^ConfigMap\/[^.]+-authz-inline$/,
    when: (difference) => isNotMade(difference) && bothFailed(difference),
    because:
      'design: nothing is applied while something is wrong; the recorded operator makes these before it looks further',
  },
  {
    where: /^MCP(Server|RemoteProxy)\/[^.]+\.status\.message$/,
    when: (difference) =>
      bothFailed(difference) && subject(difference).recorded.status?.conditions?.['Ready']?.message === difference.ours,
    because: 'mcp-server B-5: the message is told, which the recorded operator tells in the condition Ready only',
  },
  {
    where: /^MCPRemoteProxy\/[^.]+\.status\.(message|observedGeneration|conditions\.Ready(\.\w+)?)$/,
    when: (difference) =>
      bothFailed(difference) && subject(difference).recorded.status?.conditions?.['Ready']?.status !== 'False',
    because: 'mcp-remote-proxy R-3: Ready, the message and the generation are told when a reference is broken',
  },
  {
    where:
      /^MCP(Server|RemoteProxy)\/[^.]+\.status\.((oidc|authz|telemetry|tool|webhook|authServer|externalAuth)ConfigHash|conditions\.(OIDCConfigRef|AuthzConfigRef|TelemetryConfigRef|ToolConfig|AuthServerRef|CABundleRef|TelemetryCABundleRef)Validated)$/,
    when: (difference) => isOursAlone(difference) && bothFailed(difference),
    because: 'config-pattern 11.4, BETTER: every reference is judged in every pass',
  },
  {
    where: conditions('MCPRemoteProxy', 'SessionStorageWarning'),
    when: (difference) => isOursAlone(difference) && bothFailed(difference),
    because: 'design: every check is made in every pass; the recorded operator stops at the first that fails',
  },
  {
    where: conditions('MCPServer', 'ExternalAuthConfigValidated'),
    when: (difference) =>
      isOursAlone(difference) &&
      ['ExternalAuthConfigValid', 'ExternalAuthConfigNotFound', 'ExternalAuthConfigNotApplied'].includes(
        (difference.ours as { readonly reason: string }).reason,
      ),
    because: 'mcp-server B-3 and config-pattern 12.2, BETTER: on MCPServer, too, the condition is True, or NotFound',
  },
  {
    where: /^MCPRemoteProxy\/[^.]+\.status\.conditions\.ExternalAuthConfigValidated\.(reason|message)$/,
    when: (difference) => /NotApplied$|only takes effect through a VirtualMCPServer$/.test(String(difference.ours)),
    because: 'external-auth-config 2.1, BETTER: a type without effect there is told',
  },
  {
    where: conditions('MCPServer', 'ToolConfigValidated|WebhookConfigValidated'),
    when: isOursAlone,
    because: 'mcp-server B-3: conditions for these references',
  },
  {
    where: conditions('MCP(Server|RemoteProxy)', 'TelemetryCABundleRefValidated'),
    when: isOursAlone,
    because: 'telemetry-config 5.4, BETTER: a condition for the CA bundle',
  },
  {
    where: conditions('MCP(Server|RemoteProxy|ExternalAuthConfig)', 'BaselineScopesValid'),
    when: isOursAlone,
    because: 'external-auth-config 8.3, BETTER: condition BaselineScopesValid',
  },
  ...CONDITION_OF_FIELD.map(([field, type]): Explanation => ({
    where: conditions('MCP(Server|RemoteProxy)', type),
    when: (difference) => isGone(difference) && subject(difference).ours.spec?.[field] === undefined,
    because: 'mcp-server B-1, mcp-remote-proxy R-4: a condition goes with the field it is about',
  })),
  {
    where:
      /^ConfigMap\/[^.]+-runconfig\.data\.runconfig\.json\.(middleware_configs\[\d\]\.parameters\.)?oidc_config\.ResourceURL$/,
    when: ({ recorded, ours }) =>
      String(recorded).replace(/^http:\/\/([^.]+)/, 'http://mcp-$1-proxy') === ours ||
      String(recorded).replace(/^http:\/\/([^.]+)/, 'http://mcp-$1-remote-proxy') === ours,
    because: 'run-config 6.1 and oidc-config 5.1, BETTER: the default resource URL is that of the Service',
  },
  {
    where:
      /^ConfigMap\/[^.]+-runconfig\.data\.runconfig\.json\.(telemetry_config|middleware_configs\[\d\]\.parameters\.config)\.sensitiveHeaders$/,
    when: isOursAlone,
    because: 'telemetry-config 5.3, BETTER: the run configuration carries the mapping of sensitive headers',
  },
  {
    where: /^(MCP(Server|RemoteProxy)|VirtualMCPServer)\/[^.]+\.status\.conditions\.AuthzConfigRefValidated\.message$/,
    when: ({ recorded }) => /is not valid \(condition "Valid" is not True\)$/.test(String(recorded)),
    because: 'authz-config 6.4, BETTER: the message carries that of the source',
  },
  {
    where:
      /^MCPRemoteProxy\/rp\.status\.conditions\.ToolConfigValidated\.message$|^MCPServer\/srv\.status\.conditions\.ToolConfigValidated\.message$/,
    recording: /^tool-lifecycle$/,
    when: ({ ours }) => /; annotations are not applied by MCP(Server|RemoteProxy)$/.test(String(ours)),
    because: 'tool-config 5.1, BETTER: what the proxy cannot apply is told',
  },
  {
    where:
      /^ConfigMap\/[^.]+-runconfig\.data\.runconfig\.json\.embedded_auth_server_config\.upstreams\[0\]\.oidc_config\.additional_authorization_params$/,
    recording: /^embedded-as-mcp/,
    when: (difference) =>
      isGone(difference) && /\/as: invalid \(ValidationFailed\)/.test(subject(difference).ours.status?.message ?? ''),
    because: 'mcp-server B-10, mcp-remote-proxy R-14: an invalid source is not applied',
  },
];

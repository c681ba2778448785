import type { ConditionStatus, KindOf, KubernetesObject } from '@trueup/core';
import { MCPAuthzConfig } from '@trueup/mcp-authz-config';
import { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { MCPOIDCConfig } from '@trueup/mcp-oidc-config';
import { MCPRemoteProxy } from '@trueup/mcp-remote-proxy';
import { MCPServer } from '@trueup/mcp-server';
import { MCPServerEntry } from '@trueup/mcp-server-entry';
import { MCPTelemetryConfig } from '@trueup/mcp-telemetry-config';
import { MCPToolConfig } from '@trueup/mcp-tool-config';
import { MCPWebhookConfig } from '@trueup/mcp-webhook-config';
import { VirtualMCPServer } from '@trueup/virtual-mcp-server';

/** An object with conditions, as stored. */
export interface Reported extends KubernetesObject {
  readonly status?: { readonly conditions?: readonly ConditionStatus[]; readonly [field: string]: unknown } | undefined;
}

/** A place in the spec of a kind that names a shared config. */
export interface ReferenceCase {
  readonly from: KindOf<Reported>;
  /** Where the spec names it, for the reader. */
  readonly field: string;
  readonly to: KindOf<Reported>;
  /** A spec of the referring kind that names this config, or none. */
  readonly names: (config: string | undefined) => object;
  /** A change of that spec which has nothing to do with the reference. */
  readonly edit: object;
  /** A valid spec of the config, and another. */
  readonly configs: readonly [object, object];
  /** Type of the condition, or the prefix of its family. */
  readonly condition: string;
  /** What of the family is about this place; absent where the condition is not one of a family. */
  readonly member?: (config: string) => string;
  /** Field of the status with the hash of the config. */
  readonly hash?: string;
  /** Nothing is applied while the config cannot be used. Default true. */
  readonly isGate?: boolean;
  readonly says: Wording;
  /** What is said, True, where no config is named; absent: nothing. */
  readonly unreferenced?: Words;
  /** What the status says in sum while the config is missing or broken; absent where that is not told of a reference. */
  readonly sums?: Summary;
}

/** The message of `Ready` and of the status. */
export interface Summary {
  notFound(name: string, namespace: string): string;
  invalid(name: string, namespace: string, source: Words): string;
}

/** Reason and message of a condition. */
export type Words = readonly [reason: string, message: string];

/** What the condition says, given the name of the config. */
export interface Wording {
  valid(name: string): Words;
  notFound(name: string, namespace: string): Words;
  pending(name: string): Words;
  /** The config's own verdict is False, for this reason and with this message. */
  invalid(name: string, source: Words): Words;
}

const notFoundError = (kind: KindOf, name: string) => `${kind.resource.kind}.toolhive.stacklok.dev "${name}" not found`;

/** What most references say: `ToolConfigNotFound`, `MCPToolConfig 'x' not found in namespace 'y'`. */
function wordingOf(kind: KindOf, stem: string, invalid: Wording['invalid']): Wording {
  const named = kind.resource.kind;
  return {
    valid: (name) => [`${stem}Valid`, `${named} '${name}' is valid`],
    notFound: (name, namespace) => [`${stem}NotFound`, `${named} '${name}' not found in namespace '${namespace}'`],
    pending: (name) => [`${stem}Pending`, `${named} ${name} has not been validated yet`],
    invalid,
  };
}

const mirrored: Wording['invalid'] = (_name, source) => source;

/** MCPOIDCConfig and MCPAuthzConfig are spoken of alike. */
function policyWording(kind: KindOf, stem: string): Wording {
  const named = kind.resource.kind;
  return {
    ...wordingOf(kind, stem, (name, [, message]) => [`${stem}NotValid`, `${named} ${name} is not valid: ${message}`]),
    valid: (name) => [`${stem}Valid`, `${named} ${name} is valid and ready`],
    notFound: (name, namespace) => [
      `${stem}NotFound`,
      `${named} ${name} not found: failed to get ${named} ${namespace}/${name}: ${notFoundError(kind, name)}`,
    ],
  };
}

const toolWording = wordingOf(MCPToolConfig, 'ToolConfig', (name, [, message]) => [
  'ToolConfigNotValid',
  `MCPToolConfig '${name}' is not valid: ${message}`,
]);
const telemetryWording: Wording = {
  ...wordingOf(MCPTelemetryConfig, 'TelemetryConfigRef', (name, [, message]) => [
    'TelemetryConfigRefInvalid',
    `MCPTelemetryConfig ${name} is invalid: ${message}`,
  ]),
  valid: (name) => ['TelemetryConfigRefValid', `MCPTelemetryConfig ${name} is valid`],
  notFound: (name) => ['TelemetryConfigRefNotFound', `MCPTelemetryConfig ${name} not found`],
};
const webhookWording = wordingOf(MCPWebhookConfig, 'WebhookConfig', (name, [, message]) => [
  'WebhookConfigInvalid',
  `MCPWebhookConfig '${name}' is not valid: ${message}`,
]);
const externalAuthWording = wordingOf(MCPExternalAuthConfig, 'ExternalAuthConfig', mirrored);
const authServerWording: Wording = {
  ...wordingOf(MCPExternalAuthConfig, 'AuthServerRef', mirrored),
  valid: (name) => ['AuthServerRefValid', `AuthServerRef '${name}' is valid`],
};
const entryAuthWording: Wording = {
  ...externalAuthWording,
  valid: () => ['AuthConfigValid', 'Referenced MCPExternalAuthConfig exists'],
  notFound: () => ['AuthConfigNotFound', 'Referenced MCPExternalAuthConfig not found'],
};
/** A VirtualMCPServer tells how it came to its outgoing credentials, not which config they are from. */
function outgoingWording(place: 'Default' | 'Backend'): Wording {
  const failed = (problem: string) => `Failed to convert ${place.toLowerCase()} auth config: ${problem}`;
  return {
    ...externalAuthWording,
    valid: () => ['ConversionSucceeded', `${place} auth config is valid`],
    notFound: (name) => [
      'ConversionFailed',
      failed(`failed to get MCPExternalAuthConfig ${name}: ${notFoundError(MCPExternalAuthConfig, name)}`),
    ],
    invalid: (_name, [reason, message]) => [reason, failed(`invalid (${reason}): ${message}`)],
  };
}

/** The words of the condition, but for what is said otherwise. */
function summaryOf(says: Wording, otherwise: Partial<Summary> = {}): Summary {
  return {
    notFound: (name, namespace) => says.notFound(name, namespace)[1],
    invalid: (name, _namespace, source) => says.invalid(name, source)[1],
    ...otherwise,
  };
}

/** Why building the configuration of a proxy failed, rather than what is wrong with the reference. */
const failedToGet =
  (kind: KindOf): Summary['notFound'] =>
  (name, namespace) =>
    `failed to get ${kind.resource.kind} ${namespace}/${name}: ${notFoundError(kind, name)}`;
const unquotedNotFound =
  (kind: KindOf): Summary['notFound'] =>
  (name, namespace) =>
    `${kind.resource.kind} ${name} not found in namespace ${namespace}`;
const invalidAuth: Summary['invalid'] = (name, namespace, [reason, message]) =>
  `MCPExternalAuthConfig ${namespace}/${name}: invalid (${reason}): ${message}`;

const authServer = (upstream: string) => ({
  type: 'embeddedAuthServer',
  embeddedAuthServer: {
    issuer: 'https://mcp.example.com',
    upstreamProviders: [
      { name: upstream, type: 'oidc', oidcConfig: { issuerUrl: 'https://okta.example.com', clientId: 'cid' } },
    ],
  },
});

const OIDC_CONFIGS = [
  { type: 'inline', inline: { issuer: 'https://issuer.example.com' } },
  { type: 'inline', inline: { issuer: 'https://other.example.com' } },
] as const;
const AUTHZ_CONFIGS = [
  { type: 'cedarv1', config: { policies: ['permit(principal, action, resource);'] } },
  { type: 'cedarv1', config: { policies: ['forbid(principal, action, resource);'] } },
] as const;
const TELEMETRY_CONFIGS = [{ openTelemetry: { enabled: true } }, { openTelemetry: { enabled: false } }] as const;
const TOOL_CONFIGS = [{ toolsFilter: ['read'] }, { toolsFilter: ['write'] }] as const;
const AUTH_CONFIGS = [
  { type: 'unauthenticated' },
  { type: 'upstreamInject', upstreamInject: { providerName: 'okta' } },
] as const;

/** Name of an MCPOIDCConfig that is always there and valid, for proxies that need one. */
export const STEADY_OIDC = 'steady-oidc';
const RESOURCE = 'https://mcp.example.com/x';

/** The references that MCPServer and MCPRemoteProxy have in common. */
function proxyCases(from: KindOf<Reported>, base: object): readonly ReferenceCase[] {
  const under = (field: string, members: object = {}, more: object = {}) => ({
    from,
    field: `spec.${field}`,
    names: (name: string | undefined) => ({
      ...base,
      ...more,
      ...(name === undefined ? {} : { [field]: { ...members, name } }),
    }),
    edit: { proxyPort: 9000 },
  });
  const oidcConfigRef = { name: STEADY_OIDC, audience: RESOURCE, resourceUrl: RESOURCE };
  const oidcWording = policyWording(MCPOIDCConfig, 'OIDCConfigRef');
  const authzWording = policyWording(MCPAuthzConfig, 'AuthzConfigRef');
  /** An MCPServer does not quote the name of what it misses. */
  const missing = (kind: KindOf) => (from === MCPServer ? { notFound: unquotedNotFound(kind) } : {});
  return [
    {
      ...under('toolConfigRef'),
      to: MCPToolConfig,
      configs: TOOL_CONFIGS,
      condition: 'ToolConfigValidated',
      hash: 'toolConfigHash',
      says: toolWording,
      sums: summaryOf(toolWording, missing(MCPToolConfig)),
    },
    {
      ...under('telemetryConfigRef'),
      to: MCPTelemetryConfig,
      configs: TELEMETRY_CONFIGS,
      condition: 'TelemetryConfigRefValidated',
      hash: 'telemetryConfigHash',
      says: telemetryWording,
      sums: summaryOf(telemetryWording),
    },
    {
      ...under('externalAuthConfigRef'),
      to: MCPExternalAuthConfig,
      configs: [
        { type: 'unauthenticated' },
        { type: 'tokenExchange', tokenExchange: { tokenUrl: 'https://idp.example.com/token', audience: 'a' } },
      ],
      condition: 'ExternalAuthConfigValidated',
      hash: 'externalAuthConfigHash',
      says: externalAuthWording,
      sums: summaryOf(externalAuthWording, { ...missing(MCPExternalAuthConfig), invalid: invalidAuth }),
    },
    {
      ...under('authServerRef', { kind: 'MCPExternalAuthConfig' }, { oidcConfigRef }),
      to: MCPExternalAuthConfig,
      configs: [authServer('okta'), authServer('entra')],
      condition: 'AuthServerRefValidated',
      hash: 'authServerConfigHash',
      says: authServerWording,
      sums: summaryOf(authServerWording, { invalid: invalidAuth }),
    },
    {
      ...under('oidcConfigRef', { audience: 'a' }),
      to: MCPOIDCConfig,
      configs: OIDC_CONFIGS,
      condition: 'OIDCConfigRefValidated',
      hash: 'oidcConfigHash',
      says: oidcWording,
      sums: summaryOf(oidcWording, { notFound: failedToGet(MCPOIDCConfig) }),
    },
    {
      ...under('authzConfigRef'),
      to: MCPAuthzConfig,
      configs: AUTHZ_CONFIGS,
      condition: 'AuthzConfigRefValidated',
      hash: 'authzConfigHash',
      says: authzWording,
      sums: summaryOf(authzWording, {
        notFound: failedToGet(MCPAuthzConfig),
        invalid: (name, namespace) =>
          `MCPAuthzConfig ${namespace}/${name} is not valid (condition "Valid" is not True)`,
      }),
    },
  ];
}

const serverBase = { image: 'example.com/mcp', transport: 'streamable-http' };
const proxyBase = { remoteUrl: 'https://mcp.example.com/v1' };

const webhooks = (url: string) => ({ validating: [{ name: 'policy', url }] });
const webhookCase: ReferenceCase = {
  from: MCPServer,
  field: 'spec.webhookConfigRef',
  to: MCPWebhookConfig,
  names: (name) => ({ ...serverBase, ...(name === undefined ? {} : { webhookConfigRef: { name } }) }),
  edit: { proxyPort: 9000 },
  configs: [webhooks('https://policy.example.com'), webhooks('https://other.example.com')],
  condition: 'WebhookConfigValidated',
  hash: 'webhookConfigHash',
  says: webhookWording,
  sums: {
    notFound: (name) => notFoundError(MCPWebhookConfig, name),
    invalid: (name, _namespace, [, message]) => `invalid MCPWebhookConfig ${name}: ${message}`,
  },
};

const entryCase: ReferenceCase = {
  from: MCPServerEntry,
  field: 'spec.externalAuthConfigRef',
  to: MCPExternalAuthConfig,
  names: (name) => ({
    remoteUrl: 'https://mcp.example.com/mcp',
    transport: 'streamable-http',
    groupRef: { name: 'tools' },
    ...(name === undefined ? {} : { externalAuthConfigRef: { name } }),
  }),
  edit: { transport: 'sse' },
  configs: AUTH_CONFIGS,
  condition: 'ExternalAuthConfigValidated',
  unreferenced: ['AuthConfigNotConfigured', 'No external auth config reference configured'],
  says: entryAuthWording,
};

const virtualServer = (more: object) => ({
  groupRef: { name: 'tools' },
  incomingAuth: { type: 'anonymous' },
  ...more,
});
const outgoing = (name: string) => ({ type: 'externalAuthConfigRef', externalAuthConfigRef: { name } });

/** One place of a VirtualMCPServer: what its spec has in addition to name a config there. */
function virtualServerCase(
  field: string,
  more: (config: string) => object,
  rest: Omit<ReferenceCase, 'from' | 'field' | 'names' | 'edit'>,
): ReferenceCase {
  return {
    from: VirtualMCPServer,
    field: `spec.${field}`,
    names: (name) => virtualServer(name === undefined ? {} : more(name)),
    edit: { replicas: 2 },
    ...rest,
  };
}

const virtualServerCases: readonly ReferenceCase[] = [
  virtualServerCase(
    'incomingAuth.oidcConfigRef',
    (name) => ({ incomingAuth: { type: 'oidc', oidcConfigRef: { name, audience: 'vmcp' } } }),
    {
      to: MCPOIDCConfig,
      configs: OIDC_CONFIGS,
      condition: 'OIDCConfigRefValidated',
      hash: 'oidcConfigHash',
      says: policyWording(MCPOIDCConfig, 'OIDCConfigRef'),
    },
  ),
  virtualServerCase(
    'incomingAuth.authzConfigRef',
    (name) => ({ incomingAuth: { type: 'anonymous', authzConfigRef: { name } } }),
    {
      to: MCPAuthzConfig,
      configs: AUTHZ_CONFIGS,
      condition: 'AuthzConfigRefValidated',
      hash: 'authzConfigHash',
      says: policyWording(MCPAuthzConfig, 'AuthzConfigRef'),
    },
  ),
  virtualServerCase('telemetryConfigRef', (name) => ({ telemetryConfigRef: { name } }), {
    to: MCPTelemetryConfig,
    configs: TELEMETRY_CONFIGS,
    condition: 'TelemetryConfigRefValidated',
    hash: 'telemetryConfigHash',
    says: telemetryWording,
  }),
  virtualServerCase(
    'config.aggregation.tools[].toolConfigRef',
    (name) => ({ config: { aggregation: { tools: [{ workload: 'github', toolConfigRef: { name } }] } } }),
    {
      to: MCPToolConfig,
      configs: TOOL_CONFIGS,
      condition: 'ToolConfigValidated-',
      member: (config) => config,
      says: toolWording,
    },
  ),
  virtualServerCase('outgoingAuth.default', (name) => ({ outgoingAuth: { default: outgoing(name) } }), {
    to: MCPExternalAuthConfig,
    configs: AUTH_CONFIGS,
    condition: 'DefaultAuthConfig',
    isGate: false,
    says: outgoingWording('Default'),
  }),
  virtualServerCase(
    'outgoingAuth.backends.github',
    (name) => ({ outgoingAuth: { backends: { github: outgoing(name) } } }),
    {
      to: MCPExternalAuthConfig,
      configs: AUTH_CONFIGS,
      condition: 'BackendAuthConfig-',
      member: () => 'github',
      isGate: false,
      says: outgoingWording('Backend'),
    },
  ),
];

/** Every reference to a shared config that the MCP operator declares. */
export const REFERENCE_CASES: readonly ReferenceCase[] = [
  ...proxyCases(MCPServer, serverBase),
  webhookCase,
  ...proxyCases(MCPRemoteProxy, proxyBase),
  entryCase,
  ...virtualServerCases,
];

import { z } from 'zod';
import {
  auditConfig,
  authzConfig,
  awsStsConfig,
  embeddedAuthServerConfig,
  headerForward,
  middlewareConfig,
  oidcConfig,
  permissionProfile,
  rateLimitConfig,
  remoteAuthConfig,
  scalingConfig,
  telemetryConfig,
  tokenExchangeConfig,
  toolsOverride,
  webhook,
} from './sections.js';

/** What the MCP server speaks. */
export const TRANSPORTS = ['stdio', 'sse', 'streamable-http'] as const;
export type Transport = (typeof TRANSPORTS)[number];
/** What clients are offered. */
export type ProxyMode = Exclude<Transport, 'stdio'>;

export const SCHEMA_VERSION = 'v0.1.0';

/**
 * The run configuration: the JSON document (`runconfig.json`) that the operator hands to the proxy runner.
 *
 * The order of the fields is the order they are written in. The runner knows more fields than these; reading drops them.
 */
export const runConfigSchema = z.object({
  schema_version: z.string(),
  /** Lets the runner of an old pod see that a newer one has written the backend. */
  mcpserver_generation: z.number().optional(),
  image: z.string(),
  remote_url: z.string().optional(),
  remote_auth_config: remoteAuthConfig.optional(),
  cmd_args: z.array(z.string()).optional(),
  name: z.string(),
  container_name: z.string().optional(),
  base_name: z.string().optional(),
  transport: z.enum(TRANSPORTS),
  host: z.string(),
  port: z.number(),
  target_port: z.number().optional(),
  permission_profile_name_or_path: z.string().optional(),
  permission_profile: permissionProfile,
  env_vars: z.record(z.string(), z.string()).optional(),
  /** Directory of files with further variables, as secret agents write them. */
  env_file_dir: z.string().optional(),
  volumes: z.array(z.string()).optional(),
  container_labels: z.record(z.string(), z.string()).optional(),
  oidc_config: oidcConfig.optional(),
  token_exchange_config: tokenExchangeConfig.optional(),
  aws_sts_config: awsStsConfig.optional(),
  authz_config: authzConfig.optional(),
  audit_config: auditConfig.optional(),
  telemetry_config: telemetryConfig.optional(),
  rate_limit_config: rateLimitConfig.optional(),
  rate_limit_namespace: z.string().optional(),
  trust_proxy_headers: z.boolean().optional(),
  proxy_mode: z.enum(['sse', 'streamable-http']).optional(),
  thv_ca_bundle: z.string().optional(),
  jwks_auth_token_file: z.string().optional(),
  tools_filter: z.array(z.string()).optional(),
  tools_override: toolsOverride.optional(),
  middleware_configs: z.array(middlewareConfig),
  additional_middleware_configs: z.array(middlewareConfig).optional(),
  validating_webhooks: z.array(webhook).optional(),
  mutating_webhooks: z.array(webhook).optional(),
  endpoint_prefix: z.string().optional(),
  header_forward: headerForward.optional(),
  embedded_auth_server_config: embeddedAuthServerConfig.optional(),
  scaling_config: scalingConfig.optional(),
});
export type RunConfig = z.output<typeof runConfigSchema>;

import type { AuthServerRunConfig } from '@trueup/mcp-auth-server';
import { z } from 'zod';

/*
 * The sections of a run configuration, as the proxy runner reads them. Field names are its own, casing included; the order
 * of the fields is the order they are written in.
 */

/** What the backend may do; enforced by local runtimes only. */
export const permissionProfile = z.object({
  name: z.string().optional(),
  read: z.array(z.string()).optional(),
  write: z.array(z.string()).optional(),
  network: z
    .object({
      mode: z.string().optional(),
      outbound: z
        .object({
          insecure_allow_all: z.boolean().optional(),
          allow_host: z.array(z.string()).optional(),
          allow_port: z.array(z.number()).optional(),
        })
        .default({}),
      inbound: z.object({ allow_host: z.array(z.string()).optional() }).default({}),
    })
    .optional(),
  privileged: z.boolean().optional(),
});
export type PermissionProfileSection = z.output<typeof permissionProfile>;

/** How tokens of callers are checked. Every key is written, even when empty. */
export const oidcConfig = z.object({
  Issuer: z.string(),
  Audience: z.string(),
  JWKSURL: z.string(),
  ClientID: z.string(),
  /** Always empty here: the secret travels in the environment. */
  ClientSecret: z.string(),
  CACertPath: z.string(),
  AuthTokenFile: z.string(),
  AllowPrivateIP: z.boolean(),
  InsecureAllowHTTP: z.boolean(),
  IntrospectionURL: z.string(),
  ResourceURL: z.string(),
  Scopes: z.array(z.string()).nullable(),
});
export type OidcSection = z.output<typeof oidcConfig>;

/** Exchange of the caller's token (RFC 8693). */
export const tokenExchangeConfig = z.object({
  token_url: z.string(),
  client_id: z.string(),
  /** Always empty here: the secret travels in the environment. */
  client_secret: z.string(),
  audience: z.string(),
  scopes: z.array(z.string()).optional(),
  subject_token_type: z.string().optional(),
  header_strategy: z.enum(['replace', 'custom']),
  external_token_header_name: z.string().optional(),
});
export type TokenExchangeSection = z.output<typeof tokenExchangeConfig>;

export const remoteAuthConfig = z.object({
  use_pkce: z.boolean(),
  bearer_token: z.string().optional(),
  cached_token_expiry: z.string(),
  cached_secret_expiry: z.string(),
});
export type RemoteAuthSection = z.output<typeof remoteAuthConfig>;

export const awsStsConfig = z.object({
  region: z.string(),
  service: z.string(),
  fallback_role_arn: z.string().optional(),
  role_mappings: z
    .array(
      z.object({
        claim: z.string().optional(),
        matcher: z.string().optional(),
        role_arn: z.string(),
        priority: z.number().optional(),
      }),
    )
    .optional(),
  role_claim: z.string().optional(),
  session_duration: z.number().optional(),
  session_name_claim: z.string().optional(),
});
export type AwsStsSection = z.output<typeof awsStsConfig>;

/** The document of an authorizer: `version`, `type`, and a member the type gives meaning to. */
export const authzConfig = z.looseObject({ version: z.string(), type: z.string() });
export type AuthzSection = z.output<typeof authzConfig>;

export const auditConfig = z.object({ detectApplicationErrors: z.boolean(), maxDataSize: z.number() });
export type AuditSection = z.output<typeof auditConfig>;

export const telemetryConfig = z.object({
  endpoint: z.string().optional(),
  serviceName: z.string().optional(),
  tracingEnabled: z.boolean(),
  metricsEnabled: z.boolean(),
  samplingRate: z.string().optional(),
  headers: z.record(z.string(), z.string()).optional(),
  /** Variables that hold the values of headers, by header. */
  sensitiveHeaders: z.record(z.string(), z.string()).optional(),
  insecure: z.boolean().optional(),
  enablePrometheusMetricsPath: z.boolean().optional(),
  customAttributes: z.record(z.string(), z.string()).optional(),
  useLegacyAttributes: z.boolean(),
  caCertPath: z.string().optional(),
});
export type TelemetrySection = z.output<typeof telemetryConfig>;

const tokenBucket = z.object({ maxTokens: z.number(), refillPeriod: z.string() });
export type TokenBucketSection = z.output<typeof tokenBucket>;

export const rateLimitConfig = z.object({
  shared: tokenBucket.optional(),
  perUser: tokenBucket.optional(),
  tools: z
    .array(z.object({ name: z.string(), shared: tokenBucket.optional(), perUser: tokenBucket.optional() }))
    .optional(),
});
export type RateLimitSection = z.output<typeof rateLimitConfig>;

/** New names and descriptions of tools, by their original names. */
export const toolsOverride = z.record(
  z.string(),
  z.object({ name: z.string().optional(), description: z.string().optional() }),
);
export type ToolsOverrideSection = z.output<typeof toolsOverride>;

export const webhook = z.object({
  name: z.string(),
  url: z.string(),
  /** Nanoseconds. */
  timeout: z.number(),
  failure_policy: z.string(),
  tls_config: z
    .object({
      ca_bundle_path: z.string().optional(),
      client_cert_path: z.string().optional(),
      client_key_path: z.string().optional(),
      insecure_skip_verify: z.boolean().optional(),
    })
    .optional(),
  hmac_secret_ref: z.string().optional(),
});
export type WebhookSection = z.output<typeof webhook>;

export const headerForward = z.object({
  add_plaintext_headers: z.record(z.string(), z.string()).optional(),
  add_headers_from_secret: z.record(z.string(), z.string()).optional(),
});
export type HeaderForwardSection = z.output<typeof headerForward>;

/** The embedded authorization server; what is in it is the business of `@trueup/mcp-auth-server`. */
export const embeddedAuthServerConfig = z.custom<AuthServerRunConfig>(
  (value) => typeof value === 'object' && value !== null,
);

export const scalingConfig = z.object({
  backend_replicas: z.number().optional(),
  session_redis: z
    .object({ address: z.string(), db: z.number().optional(), key_prefix: z.string().optional() })
    .optional(),
});
export type ScalingSection = z.output<typeof scalingConfig>;

/** One link of the chain every request passes through. */
export const middlewareConfig = z.object({
  type: z.string(),
  parameters: z.record(z.string(), z.unknown()).nullable(),
});
export type MiddlewareSection = z.output<typeof middlewareConfig>;

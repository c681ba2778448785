/**
 * The run configuration: the document an embedded authorization server starts from. As YAML it is `authserver-config.yaml`,
 * as JSON the section `embedded_auth_server_config` of a proxy's run configuration.
 *
 * The order of the fields is the order they are written in. Secrets are never in it, only where they are found.
 */
export interface AuthServerRunConfig {
  readonly schema_version: 'v0.1.0';
  readonly issuer: string;
  readonly authorization_endpoint_base_url?: string;
  readonly signing_key_config?: SigningKeySection;
  readonly hmac_secret_files?: readonly string[];
  readonly token_lifespans?: LifespansSection;
  readonly upstreams: readonly UpstreamSection[];
  readonly scopes_supported?: readonly string[];
  readonly baseline_client_scopes?: readonly string[];
  readonly allowed_audiences: readonly string[];
  readonly storage?: StorageSection;
  readonly disable_upstream_token_injection?: boolean;
  readonly cimd?: ClientMetadataSection;
  readonly insecure_allow_http?: boolean;
  readonly trusted_issuers?: readonly TrustedIssuerSection[];
  readonly allow_confidential_client_registration?: boolean;
  readonly force_confidential_redirect_uris?: readonly string[];
  readonly insecure_allow_confidential_over_loopback_http?: boolean;
  readonly delegate_clients?: readonly DelegateClientSection[];
}

export interface SigningKeySection {
  readonly key_dir: string;
  readonly signing_key_file: string;
  readonly fallback_key_files?: readonly string[];
}

export interface LifespansSection {
  readonly access_token_lifespan?: string;
  readonly refresh_token_lifespan?: string;
  readonly auth_code_lifespan?: string;
}

/** Client ID metadata documents. */
export interface ClientMetadataSection {
  readonly enabled: boolean;
  readonly cache_max_size?: number;
  readonly cache_fallback_ttl?: string;
}

export interface UpstreamSection {
  readonly name: string;
  readonly type: string;
  readonly oidc_config?: OidcUpstreamSection;
  readonly oauth2_config?: OAuth2UpstreamSection;
}

export interface OidcUpstreamSection {
  readonly issuer_url: string;
  readonly client_id: string;
  readonly client_secret_env_var?: string;
  readonly redirect_uri?: string;
  readonly scopes?: readonly string[];
  readonly userinfo_override?: UserInfoSection;
  readonly additional_authorization_params?: Readonly<Record<string, string>>;
  readonly subject_claim?: string;
}

export interface OAuth2UpstreamSection {
  readonly authorization_endpoint: string;
  readonly token_endpoint: string;
  /** Empty where the client is registered at the start. */
  readonly client_id: string;
  readonly client_secret_env_var?: string;
  readonly redirect_uri?: string;
  readonly scopes?: readonly string[];
  readonly userinfo?: UserInfoSection;
  readonly token_response_mapping?: {
    readonly access_token_path: string;
    readonly scope_path?: string;
    readonly refresh_token_path?: string;
    readonly expires_in_path?: string;
  };
  readonly identity_from_token?: {
    readonly subject_path: string;
    readonly name_path?: string;
    readonly email_path?: string;
  };
  readonly additional_authorization_params?: Readonly<Record<string, string>>;
  readonly dcr_config?: {
    readonly discovery_url?: string;
    readonly registration_endpoint?: string;
    readonly initial_access_token_env_var?: string;
    readonly software_id?: string;
    readonly software_statement?: string;
  };
  readonly allow_private_ips?: boolean;
  readonly insecure_allow_http?: boolean;
}

export interface UserInfoSection {
  readonly endpoint_url: string;
  readonly http_method?: string;
  readonly additional_headers?: Readonly<Record<string, string>>;
  readonly field_mapping?: {
    readonly subject_fields?: readonly string[];
    readonly name_fields?: readonly string[];
    readonly email_fields?: readonly string[];
  };
}

export interface StorageSection {
  readonly type: 'redis';
  readonly redis_config: RedisSection;
}

export interface RedisSection {
  readonly addr?: string;
  readonly cluster_mode?: boolean;
  readonly sentinel_config?: {
    readonly master_name: string;
    readonly sentinel_addrs: readonly string[];
    readonly db?: number;
  };
  readonly auth_type: 'aclUser';
  readonly acl_user_config: { readonly username_env_var: string; readonly password_env_var: string };
  readonly key_prefix: string;
  readonly dial_timeout?: string;
  readonly read_timeout?: string;
  readonly write_timeout?: string;
  readonly tls?: TlsSection;
  readonly sentinel_tls?: TlsSection;
}

/** Even an empty one switches TLS on. */
export interface TlsSection {
  readonly insecure_skip_verify?: boolean;
  readonly ca_cert_file?: string;
}

export interface TrustedIssuerSection {
  readonly issuer_url: string;
  readonly expected_audience: string;
  readonly jwks_url?: string;
  readonly insecure_allow_http?: boolean;
  readonly allow_private_ips?: boolean;
  readonly actor_claim?: string;
  readonly allowed_actors?: readonly string[];
  readonly actor_matcher?: string;
  readonly allowed_delegate_clients?: readonly string[];
  readonly allow_may_act?: boolean;
  readonly jwt_bearer_grant?: {
    readonly max_assertion_age: string;
    readonly subject_bindings: readonly { readonly subject: string; readonly allowed_resources: readonly string[] }[];
    readonly accepted_audiences?: readonly string[];
  };
}

export interface DelegateClientSection {
  readonly client_id: string;
  readonly client_secret_env_var: string;
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
}

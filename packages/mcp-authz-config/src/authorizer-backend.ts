/** What a backend thinks of a configuration. */
export type Assessment =
  /** It cannot work; the user must change it. The problem is shown as it is. */
  | { readonly usable: false; readonly problem: string }
  /** It can be used; remarks are what the user should know all the same. */
  | { readonly usable: true; readonly remarks: readonly string[] };

/**
 * One way to decide who may call what: what the operator must know about it. The deciding itself is done in the proxy of the
 * workload, by an authorizer of the same type.
 *
 * @example
 * ```ts
 * class OpaBackend implements AuthorizerBackend {
 *   readonly type = 'opav1';
 *   readonly configKey = 'opa';
 *   assess(config: unknown): Assessment { … }
 * }
 * await Operator.create({
 *   modules: [mcpAuthzConfig],
 *   register: (container) => container.register<AuthorizerBackend>(AUTHORIZER_BACKEND, { useClass: OpaBackend }),
 * });
 * ```
 */
export interface AuthorizerBackend {
  /** The value of `spec.type` that chooses it. */
  readonly type: string;
  /** The member of the full configuration that holds `spec.config`; neither empty nor `version` nor `type`. */
  readonly configKey: string;
  /**
   * Judges the settings as the proxy will find them under the config key; they may be anything. An error thrown here is
   * retried, so it is for what may pass; what the user must change is a problem.
   */
  assess(config: unknown, signal: AbortSignal): Assessment | Promise<Assessment>;
}

/** Backends are registered under this token; any number of them. */
export const AUTHORIZER_BACKEND = Symbol.for('@trueup/mcp-authz-config:authorizer-backend');

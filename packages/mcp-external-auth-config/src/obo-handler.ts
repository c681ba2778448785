import type { EnvVar } from '@trueup/core';
import type { MCPExternalAuthConfig } from './resource.js';

/** One link of the chain of middlewares in a run configuration. */
export interface Middleware {
  readonly type: string;
  readonly parameters: Record<string, unknown> | null;
}

/** How a server that calls many backends acts on behalf of the caller towards one of them. Empty texts say nothing. */
export interface OboStrategy {
  readonly tokenUrl: string;
  readonly clientId?: string;
  /** The variable that holds the client's secret, one of {@link OboHandler.secretVariables}. */
  readonly clientSecretEnv?: string;
  readonly audience?: string;
  readonly scopes?: readonly string[];
  /** Upstream provider whose token is exchanged; the caller's own when absent. */
  readonly subjectTokenProviderName?: string;
  /** How long before its expiry a cached token is renewed. */
  readonly cacheSkewSeconds?: number;
}

/**
 * What makes configs of type `obo` work. As it stands it says that it takes an enterprise build; to bring the type to life,
 * extend it and register the subclass for this class.
 *
 * Each method throws {@link EnterpriseRequiredError} when this build cannot do it, {@link OboConfigError} when the user must
 * change the spec; any other error is retried.
 */
export class OboHandler {
  /** Judges the spec. */
  validate(_config: MCPExternalAuthConfig): void | Promise<void> {
    throw new EnterpriseRequiredError();
  }

  /** What a workload that uses the config adds to the middlewares of its run configuration. */
  middlewares(_config: MCPExternalAuthConfig): readonly Middleware[] {
    throw new EnterpriseRequiredError();
  }

  /** How a VirtualMCPServer calls a backend that the config is for. */
  strategy(_config: MCPExternalAuthConfig): OboStrategy {
    throw new EnterpriseRequiredError();
  }

  /** The secrets that a workload that uses the config needs in its environment. */
  secretVariables(_config: MCPExternalAuthConfig): readonly EnvVar[] {
    return [];
  }
}

/** This build has nothing that could do it. */
export class EnterpriseRequiredError extends Error {
  override readonly name = 'EnterpriseRequiredError';
  readonly code = 'ERR_OBO_ENTERPRISE_REQUIRED';

  constructor() {
    super('on-behalf-of (OBO) external auth type requires an enterprise build');
  }
}

/** The spec cannot work. The message is shown to the user as it is. */
export class OboConfigError extends Error {
  override readonly name = 'OboConfigError';
  readonly code = 'ERR_OBO_CONFIG_INVALID';
}

/** True when the error, or one it was caused by, has this code. */
export function causedBy(
  error: unknown,
  code: 'ERR_OBO_ENTERPRISE_REQUIRED' | 'ERR_OBO_CONFIG_INVALID',
): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  return 'code' in error && error.code === code ? error : causedBy(error.cause, code);
}

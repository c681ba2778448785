import { injectable, injectAll, SpecError } from '@trueup/core';
import { AUTHORIZER_BACKEND, type Assessment, type AuthorizerBackend } from './authorizer-backend.js';
import type { FullAuthzConfig } from './full-authz-config.js';
import { transitProblem } from './transit-problem.js';

/** The version of the envelope that proxies read. */
const VERSION = '1.0';

/** Members of the envelope, which a backend cannot have for its own. */
const RESERVED_KEYS = ['', 'version', 'type'];

/** A run configuration travels in a ConfigMap of at most 1 MiB, and holds the settings twice. */
const MAX_CONFIG_BYTES = 512 * 1024;

/** The spec of an MCPAuthzConfig as it may be in the store: written before some rule of the schema existed. */
export interface StoredAuthzSpec {
  readonly type?: unknown;
  readonly config?: unknown;
}

/**
 * The authorizer backends this operator knows, by type. To add one, register it under {@link AUTHORIZER_BACKEND}.
 *
 * @throws {@link AuthorizerRegistryError} when two backends have one type, or a config key is reserved; so the operator does
 * not start.
 */
@injectable()
export class AuthorizerRegistry {
  readonly #backends = new Map<string, AuthorizerBackend>();

  constructor(@injectAll(AUTHORIZER_BACKEND) backends: readonly AuthorizerBackend[]) {
    for (const backend of backends) this.#add(backend);
  }

  /** The registered types, sorted. */
  get types(): readonly string[] {
    return [...this.#backends.keys()].sort();
  }

  /** Judges a spec: the first problem found, or what to remark about it. */
  async assess({ type, config }: StoredAuthzSpec, signal: AbortSignal): Promise<Assessment> {
    if (typeof type !== 'string' || type === '') return unusable('type must not be empty');
    const backend = this.#backends.get(type);
    if (backend === undefined) {
      return unusable(
        `type ${JSON.stringify(type)} is not a registered authorizer backend (registered: ${this.#listed()})`,
      );
    }
    if (config === undefined) return unusable('config must not be empty');
    const problem = transitProblem(config) ?? sizeProblem(config);
    if (problem !== undefined) return unusable(problem);
    return backend.assess(config, signal);
  }

  /** Judges a full configuration that comes from elsewhere, a ConfigMap say. */
  async assessFull(full: unknown, signal: AbortSignal): Promise<Assessment> {
    const { version, type, ...settings }: Record<string, unknown> = isObject(full) ? full : {};
    if (typeof version !== 'string' || version === '') return unusable('version is required');
    if (typeof type !== 'string' || type === '') return unusable('type is required');
    const backend = this.#backends.get(type);
    if (backend === undefined) return unusable(this.#unsupported(type));
    const assessment = await backend.assess(settings[backend.configKey], signal);
    return assessment.usable ? assessment : unusable(`invalid ${type} configuration: ${assessment.problem}`);
  }

  /**
   * The full configuration that a proxy reads for a spec; `spec.config` is in it as it is.
   *
   * @throws {@link SpecError} for a type that nobody registered, or without a config.
   */
  fullConfig({ type, config }: StoredAuthzSpec): FullAuthzConfig {
    const name = typeof type === 'string' ? type : '';
    const backend = this.#backends.get(name);
    if (backend === undefined) throw new SpecError(this.#unsupported(name));
    if (config === undefined) throw new SpecError('config field is empty');
    return { [backend.configKey]: config, type: backend.type, version: VERSION };
  }

  #add(backend: AuthorizerBackend): void {
    const { type, configKey } = backend;
    if (this.#backends.has(type)) {
      throw new AuthorizerRegistryError(`authorizer factory already registered for type: ${type}`);
    }
    if (RESERVED_KEYS.includes(configKey)) {
      throw new AuthorizerRegistryError(
        `authorizer factory for type ${JSON.stringify(type)} uses reserved ConfigKey() ${JSON.stringify(configKey)}; ` +
          `reserved keys are: ${RESERVED_KEYS.map((key) => JSON.stringify(key)).join(', ')}`,
      );
    }
    this.#backends.set(type, backend);
  }

  #unsupported(type: string): string {
    return `unsupported authorizer type: ${type} (registered types: ${this.#listed()})`;
  }

  #listed(): string {
    return `[${this.types.join(' ')}]`;
  }
}

/** The backends do not fit together; a mistake in the application, not in any object. */
export class AuthorizerRegistryError extends Error {
  override readonly name = 'AuthorizerRegistryError';
  readonly code = 'ERR_AUTHORIZER_REGISTRY_INVALID';
}

function sizeProblem(config: unknown): string | undefined {
  const bytes = Buffer.byteLength(JSON.stringify(config));
  if (bytes <= MAX_CONFIG_BYTES) return undefined;
  return `config has ${bytes} bytes, but a run configuration has room for ${MAX_CONFIG_BYTES} (512 KiB); shorten it`;
}

const unusable = (problem: string): Assessment => ({ usable: false, problem });

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

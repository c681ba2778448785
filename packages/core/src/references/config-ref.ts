import type { KubernetesObject } from '@trueup/kube';
import type { CustomObject, KindOf } from '../kind/kind.js';
import { verdict, type StatedVerdict } from '../conditions/verdict.js';
import type { Condition } from '../conditions/condition.js';

/** A shared config as a consumer sees it: an object with a condition that judges it, and perhaps a hash. */
export type ConfigObject = CustomObject<
  unknown,
  { readonly conditions?: readonly Condition[]; readonly configHash?: string } | undefined
>;

/**
 * What the consumer's condition and summary say in each situation. Each function gets the name of the config and, where
 * there is one, the source's `Valid` condition.
 */
export interface ReferenceWording {
  valid(name: string): StatedVerdict;
  notFound(name: string, namespace: string): StatedVerdict;
  /** The config exists and has no verdict yet. */
  pending(name: string): StatedVerdict;
  /** The config's own `Valid` is False: by default its reason and message, as they are. */
  invalid(name: string, source: { readonly reason: string; readonly message: string }): StatedVerdict;
}

/** What is said of a reference, and of each in a family of them. */
export interface ReferenceOptions<From extends KubernetesObject, To extends ConfigObject> {
  /** The kind that holds the reference. */
  readonly from: KindOf<From>;
  /** The shared config it points at, in the same namespace. */
  readonly to: KindOf<To>;
  /** Wording; what is left out gets the defaults of {@link defaultWording}. */
  readonly wording?: Partial<ReferenceWording>;
  /** Reason used when the source is invalid without saying why. Default `Invalid<Kind>`. */
  readonly fallbackReason?: string;
  /** The condition of the config that says whether it can be used. Default `Valid`. */
  readonly judgement?: string;
  /**
   * What the apply waits for. `usable` (default): that the config can be used. `judged`: the consumer goes on without a
   * config that cannot be used, but not while one is being judged, so that a moment's doubt is not rolled out. `nothing`:
   * the reference only informs.
   */
  readonly gate?: 'usable' | 'judged' | 'nothing';
  /** No condition is stated and nothing waits for it: the class judges it itself, with others. Default false. */
  readonly silent?: boolean;
  /**
   * What the config's own conditions may know of a consumer besides its name; see `ctx.users()`. A change of it
   * reconciles the config. Plain JSON.
   */
  tells?(consumer: From): Readonly<Record<string, unknown>>;
  /**
   * Says why a config that is valid in itself cannot be used by this consumer; undefined when it can. A True verdict is
   * for a config that can be used and is worth another word than `wording.valid`. A pure function of the two objects.
   */
  accepts?(config: To, consumer: From): StatedVerdict | undefined;
}

export interface ConfigRefOptions<From extends KubernetesObject, To extends ConfigObject> extends ReferenceOptions<
  From,
  To
> {
  /** The name in the spec; undefined or empty: no reference. */
  name(object: From): string | undefined;
  /** Type of the condition on the consumer. */
  readonly condition: string;
  /** Field of the consumer's status that holds the config's hash; none when absent. */
  readonly hash?: string;
  /** The condition of an object that names no config, where there is something to say; it holds nothing back. */
  unreferenced?(consumer: From): StatedVerdict | undefined;
}

/**
 * A reference from a workload to a shared config, as one value. From it follow the watches in both directions, the
 * index, the condition on the consumer, the hash in the consumer's status, the list of referencing workloads on the
 * config, and the block on deleting it.
 */
export interface ConfigRef<
  From extends KubernetesObject = KubernetesObject,
  To extends ConfigObject = ConfigObject,
> extends ConfigRefOptions<From, To> {
  readonly wording: ReferenceWording;
  readonly fallbackReason: string;
  readonly judgement: string;
  readonly gate: 'usable' | 'judged' | 'nothing';
}

/**
 * Declares a reference.
 *
 * @example
 * ```ts
 * export const authzRef = configRef({
 *   from: MCPServer, to: MCPAuthzConfig,
 *   name: (server) => server.spec.authzConfigRef?.name,
 *   condition: 'AuthzConfigRefValidated', hash: 'authzConfigHash',
 * });
 * ```
 */
export function configRef<From extends KubernetesObject, To extends ConfigObject>(
  options: ConfigRefOptions<From, To>,
): ConfigRef<From, To> {
  return {
    ...options,
    wording: { ...defaultWording(options.to.resource.kind, options.condition), ...options.wording },
    fallbackReason: options.fallbackReason ?? `Invalid${options.to.resource.kind}`,
    judgement: options.judgement ?? 'Valid',
    gate: options.gate ?? 'usable',
  };
}

/**
 * The words a reference uses unless it brings its own: reasons are the condition's type without `Validated`, plus
 * `Valid`, `NotFound` or `Pending`; an invalid source is mirrored with its own reason and message.
 */
export function defaultWording(kind: string, condition: string): ReferenceWording {
  const stem = condition.replace(/Validated$/, '');
  return {
    valid: (name) => verdict.true(`${stem}Valid`, `${kind} '${name}' is valid`),
    notFound: (name, namespace) =>
      verdict.false(`${stem}NotFound`, `${kind} '${name}' not found in namespace '${namespace}'`),
    pending: (name) => verdict.unknown(`${stem}Pending`, `${kind} ${name} has not been validated yet`),
    invalid: (_name, source) => verdict.false(source.reason, source.message),
  };
}

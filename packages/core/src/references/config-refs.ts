import type { KubernetesObject } from '@trueup/kube';
import { memberCondition } from '../conditions/condition-type.js';
import type { StatedVerdict } from '../conditions/verdict.js';
import {
  configRef,
  defaultWording,
  type ConfigObject,
  type ConfigRef,
  type ReferenceOptions,
  type ReferenceWording,
} from './config-ref.js';

export interface ConfigRefsOptions<From extends KubernetesObject, To extends ConfigObject> extends ReferenceOptions<
  From,
  To
> {
  /** The names in the spec, each by the member it is for; undefined or empty: the member references nothing. */
  names(object: From): Readonly<Record<string, string | undefined>>;
  /** Begins the types of the conditions on the consumer; the member follows: `Backend-` and `Backend-github`. */
  readonly prefix: string;
  /** The condition of a member that names no config, where there is something to say; it holds nothing back. */
  unreferenced?(consumer: From, member: string): StatedVerdict | undefined;
}

/**
 * A family of references from a workload to shared configs of one kind: one for each member of a map or list in its spec.
 * Each is what a {@link ConfigRef} is, with a condition of its own; members that are gone leave none behind.
 */
export interface ConfigRefs<
  From extends KubernetesObject = KubernetesObject,
  To extends ConfigObject = ConfigObject,
> extends ConfigRefsOptions<From, To> {
  readonly wording: ReferenceWording;
  readonly judgement: string;
  /** The references of one object, by member. */
  members(object: From): ReadonlyMap<string, ConfigRef<From, To>>;
}

/**
 * Declares a family of references.
 *
 * @example
 * ```ts
 * export const backendAuthRefs = configRefs({
 *   from: Gateway, to: Credentials,
 *   names: ({ spec }) => Object.fromEntries(spec.backends.map(({ name, authRef }) => [name, authRef?.name])),
 *   prefix: 'BackendAuth-', gate: 'judged',
 * });
 * ```
 */
export function configRefs<From extends KubernetesObject, To extends ConfigObject>(
  options: ConfigRefsOptions<From, To>,
): ConfigRefs<From, To> {
  const wording = {
    ...defaultWording(options.to.resource.kind, options.prefix.replace(/-$/, '')),
    ...options.wording,
  };
  return {
    ...options,
    wording,
    judgement: options.judgement ?? 'Valid',
    members: (object) =>
      new Map(
        Object.entries(options.names(object)).map(([member, name]) => [
          member,
          configRef({
            ...options,
            wording,
            name: () => name,
            condition: memberCondition(options.prefix, member),
            unreferenced: (consumer) => options.unreferenced?.(consumer, member),
          }),
        ]),
      ),
  };
}

/** A single reference or a family, as a class declares it. */
export type DeclaredReference = ConfigRef | ConfigRefs;

/** The references one object has by a declaration: itself, or those of the family's members. */
export function referencesBy(declared: DeclaredReference, object: KubernetesObject): readonly ConfigRef[] {
  return 'members' in declared ? [...declared.members(object).values()] : [declared];
}

/** What tells declarations of one class apart: the condition's type, or the prefix of a family of them. */
export function conditionOf(declared: DeclaredReference): string {
  return 'members' in declared ? declared.prefix : declared.condition;
}

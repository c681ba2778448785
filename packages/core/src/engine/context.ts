import type { Client, KubernetesObject, Logger } from '@trueup/kube';
import type { Condition } from '../conditions/condition.js';
import type { StatedVerdict } from '../conditions/verdict.js';
import type { ContentRef } from '../content/content-ref.js';
import type { ConfigObject, ConfigRef } from '../references/config-ref.js';
import type { ConfigRefs } from '../references/config-refs.js';
import type { ConfigUser } from '../references/referencing-workloads.js';
import type { KindOf } from '../kind/kind.js';

/** What became of a reference in this pass. */
export type ResolvedReference<To extends ConfigObject = ConfigObject> =
  /** The object names no config; `verdict` is what its condition says nevertheless. */
  | { readonly state: 'none'; readonly verdict?: StatedVerdict }
  /** The config is there, judged in its present generation, valid, and accepted by the consumer. */
  | { readonly state: 'usable'; readonly name: string; readonly config: To; readonly verdict: StatedVerdict }
  /** It is missing, not judged yet, invalid or not acceptable; `verdict` says which. A gate applies nothing then. */
  | {
      readonly state: 'unusable';
      readonly name: string;
      readonly config?: To;
      readonly cause: 'notFound' | 'pending' | 'stale' | 'invalid' | 'notAccepted';
      readonly verdict: StatedVerdict | undefined;
    };

/** What is known of several Secret and ConfigMap keys. */
export interface Contents {
  /** Those that do not exist, or whose object does not; optional ones are not listed. */
  readonly missing: readonly ContentRef[];
  /** Changes when any of the others does; undefined when there are none. */
  readonly digest: string | undefined;
}

/** Why this pass did not apply, or failed to. */
export interface Problem {
  /** The condition that shows it; absent for errors that no condition owns. */
  readonly condition?: string;
  readonly message: string;
  /** True when only a change of some object can help; false when it is retried. */
  readonly terminal: boolean;
  /** The reference that is not usable, when that is the problem. */
  readonly reference?: { readonly ref: ConfigRef; readonly resolved: ResolvedReference };
  /** The child that could not be applied, when that is the problem. */
  readonly child?: ProblemChild;
}

/** A child of `desired()`. */
export interface ProblemChild {
  readonly kind: string;
  readonly name: string;
  /** Whether it was there before, so that it was to be changed and not made. */
  readonly existed: boolean;
}

/**
 * What a reconciler has at hand in one pass. Everything read comes from the cache, frozen, in the namespace of the object
 * being reconciled; it is the same throughout the pass.
 */
export interface Context {
  /** Aborts when the operator stops, loses its lease, or the reconcile's deadline is over. */
  readonly signal: AbortSignal;
  /** Carries kind, namespace, name, generation and the id of this reconcile. */
  readonly log: Logger;
  /** For calls the framework has no word for; they end with `signal`. Writes made here are not compared, pruned or owned. */
  readonly client: Client;
  /** Now, as the operator's clock has it. */
  readonly now: Date;
  /** True in the pass of an object whose deletionTimestamp is set. */
  readonly isDeleting: boolean;

  /** Reads an object of a kind that the class watches, owns or references. @throws {@link NotDeclaredError} for others. */
  get<T extends KubernetesObject>(kind: KindOf<T>, name: string): T | undefined;
  /** The objects of such a kind in the namespace, those that match the labels when given. */
  list<T extends KubernetesObject>(kind: KindOf<T>, labels?: Readonly<Record<string, string>>): readonly T[];
  /** The children of this kind that the object owns (controller owner reference), as they are now. */
  owned<T extends KubernetesObject>(kind: KindOf<T>): readonly T[];
  /** What became of a reference declared with `@References`. */
  reference<From extends KubernetesObject, To extends ConfigObject>(ref: ConfigRef<From, To>): ResolvedReference<To>;
  /** What became of a family of references declared with `@References`, by member. */
  references<From extends KubernetesObject, To extends ConfigObject>(
    refs: ConfigRefs<From, To>,
  ): ReadonlyMap<string, ResolvedReference<To>>;

  /**
   * The objects that reference this one through references declared with `@References`, whichever module declares them:
   * each once, sorted by kind and name, as the cache has them. One that takes up or drops its reference, or `tells`
   * something new, reconciles this object; a burst of them is taken together.
   */
  users(): readonly ConfigUser[];

  /**
   * What is known of Secret and ConfigMap keys that the object names, in its namespace: which are missing, and one digest
   * of the others. They are watched from here on, each by its name, and a change reconciles the object; what they hold is
   * never kept. Put the digest into a pod template's annotations, and a rotated secret rolls the pods.
   *
   * While they are being looked up the pass applies nothing and says nothing new.
   *
   * @throws when one cannot be read, to be retried.
   */
  contents(refs: readonly ContentRef[]): Contents;

  /** Computes a value once per pass: a check and `desired` can share it. A failure is remembered, too. */
  once<V>(key: string, compute: () => V): V;

  /** Conditions as this pass has them so far: the checks before apply, everything but the observing ones after. */
  readonly conditions: readonly Condition[];
  /** What keeps this pass from applying, in the order of declaration; empty while all is well. */
  readonly problems: readonly Problem[];
  /**
   * True once everything is applied in this pass, so it is for observing conditions and `status()`. Without any problems it
   * is false while a config is judged anew or content is being looked up: what was said before is best left said then.
   */
  readonly isApplied: boolean;
  /**
   * Nothing is applied in this pass, and that is no problem: something the object depends on is being judged anew, and its
   * verdict will reconcile the object. For checks before apply.
   */
  hold(): void;
  /** Asks for another look after a delay; the soonest of several counts. */
  requeueAfter(afterMs: number): void;
  /** Emits an event on the object. Only for what is worth telling once: the engine tells transitions of conditions. */
  event(event: { type: 'Normal' | 'Warning'; reason: string; action: string; note: string }): void;
}

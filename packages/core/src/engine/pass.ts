import {
  isInvalid,
  nameOf,
  type Client,
  type KubernetesObject,
  type Logger,
  type NamespacedName,
  type Store,
} from '@trueup/kube';
import { childConflictReason, CHILD_CONFLICT } from '../conditions/child-conflict.js';
import { findCondition, type Condition } from '../conditions/condition.js';
import { conditionsFrom } from '../conditions/conditions.js';
import { verdict, type Verdict } from '../conditions/verdict.js';
import {
  ChildOutOfScopeError,
  isSpecError,
  messageOf,
  NotDeclaredError,
  PruneRefusedError,
  SpecError,
} from '../errors.js';
import type { EventNote } from '../events/event-recorder.js';
import { ContentPending } from '../content/used-contents.js';
import type { ContentRef } from '../content/content-ref.js';
import { isDefinedKind, type KindOf } from '../kind/kind.js';
import { declaresStatusField } from '../kind/status-fields.js';
import { memberCondition } from '../conditions/condition-type.js';
import { mistypedField } from '../kind/validate-spec.js';
import type { ConfigObject, ConfigRef } from '../references/config-ref.js';
import { conditionOf, referencesBy, type ConfigRefs, type DeclaredReference } from '../references/config-refs.js';
import { resolveReference, verdictOf } from '../references/resolve-reference.js';
import type { ConfigUser } from '../references/referencing-workloads.js';
import { ChildNotApplied } from './child-not-applied.js';
import { PredecessorsChild } from './child-owner.js';
import type { Contents, Context, Problem, ResolvedReference } from './context.js';
import type { ConditionCheck, ControllerDefinition } from './definition.js';
import { listByLabels } from './label-index.js';
import { requeueAfter } from './outcome.js';
import type { Run } from './run.js';
import type { EngineServices } from './services.js';

/** Index of children by the uid of the controller that owns them. */
export const CONTROLLER_INDEX = 'controller';

export function controllerUid(object: KubernetesObject): readonly string[] {
  const controller = object.metadata.ownerReferences?.find((owner) => owner.controller === true);
  return controller === undefined ? [] : [controller.uid];
}

/** For what nothing tells us of: another owner that lets go of a name, another rule of the API server. */
export const RECHECK_MS = 30_000;

/** Trying again would end the same way until somebody changes something. */
function isTerminal(error: unknown): boolean {
  return isSpecError(error) || isInvalid(error) || isRefusedByUs(error);
}

function isRefusedByUs(error: unknown): boolean {
  return (
    childConflictReason(error) !== undefined ||
    error instanceof PruneRefusedError ||
    error instanceof ChildOutOfScopeError
  );
}

type StatusFields = { readonly conditions?: readonly Condition[]; readonly [field: string]: unknown };

/** What is known and decided about one object in one reconcile. Also the context its reconciler sees. */
export class Pass<T extends KubernetesObject> implements Context {
  readonly signal: AbortSignal;
  readonly log: Logger;
  readonly now: Date;
  readonly isDeleting: boolean;
  readonly client: Client;
  /** The status as it was read. */
  readonly before: StatusFields;
  readonly problems: Problem[] = [];
  readonly events: EventNote[] = [];
  /** References whose config is being judged anew hold the apply back without being a problem. */
  isHeld = false;
  isApplied = false;
  /** Whether the author's code came to say what should exist, or why nothing should. */
  isDecided = true;
  /** The first error that is worth a retry. */
  failure: unknown;
  /** The first error that is not. */
  terminalError: unknown;
  requeueAfterMs: number | undefined;

  readonly #verdicts = new Map<string, Verdict>();
  /** By the type of the condition, which is one reference's alone. */
  readonly #resolved = new Map<string, ResolvedReference>();
  #users: readonly ConfigUser[] | undefined;
  readonly #seen = new Set<KindOf>();
  readonly #memo = new Map<string, { readonly value: unknown } | { readonly error: unknown }>();

  constructor(
    private readonly definition: ControllerDefinition<T>,
    private readonly services: EngineServices,
    readonly object: T,
    readonly run: Run,
  ) {
    this.signal = run.signal;
    this.log = run.log;
    this.now = new Date(services.clock.now());
    this.client = run.client;
    this.isDeleting = object.metadata.deletionTimestamp !== undefined;
    this.before = statusOf(object);
  }

  /** Whether every kind that was looked at so far has been read: what is not seen may be there all the same. */
  get hasSeenAll(): boolean {
    return [...this.#seen].every((kind) => this.services.hasSynced(kind));
  }

  get canApply(): boolean {
    return this.problems.length === 0 && !this.isHeld;
  }

  resolveReferences(): void {
    if (this.isDeleting) {
      for (const ref of this.definition.references) this.#keepTypes(conditionOf(ref), 'members' in ref);
      return;
    }
    for (const declared of this.definition.references) {
      try {
        for (const ref of referencesBy(declared, this.object)) this.#judgeReference(ref);
      } catch (error) {
        this.#keepTypes(conditionOf(declared), 'members' in declared);
        this.fail(error);
      }
    }
  }

  /** Runs checks one after the other, in the order they are declared; each whatever the others said. */
  async judge(checks: readonly ConditionCheck<T>[]): Promise<void> {
    for (const check of checks) {
      try {
        this.run.progress.step = `the condition ${check.type}`;
        if (check.isFamily) this.#stateFamily(check, await check.judge(this.object, this));
        else this.#state(check, check.type, await check.judge(this.object, this));
      } catch (error) {
        this.#keepCondition(check);
        this.fail(error, check.isFamily ? undefined : check.type);
      }
    }
  }

  /** Leaves the conditions of these checks, and everything that belongs to them, as they are. */
  keepConditions(checks: readonly ConditionCheck<T>[]): void {
    for (const check of checks) this.#keepCondition(check);
  }

  /** Leaves the condition of a conflict about a child as it is: the children are not looked at. */
  keepConflict(): void {
    this.#keepTypes(CHILD_CONFLICT, false);
  }

  /**
   * Leaves the conditions of references that were refused for what could not be looked at now, a Secret that is missing
   * say, as they are: that the config itself is usable is no reason to take that back.
   */
  keepRefusals(): void {
    for (const declared of this.definition.references) {
      if ('members' in declared || declared.silent === true) continue;
      const was = findCondition(this.before.conditions, declared.condition);
      if (was?.status !== 'False' || was.observedGeneration !== this.object.metadata.generation) continue;
      if (this.#wasUsable(declared)) this.#keepTypes(declared.condition, false);
    }
  }

  /** Takes note of an error of the user's code or of a call. */
  fail(thrown: unknown, conditionType?: string): void {
    const ofChild = thrown instanceof ChildNotApplied ? thrown : undefined;
    const error = this.#blame(ofChild === undefined ? thrown : ofChild.cause);
    if (error instanceof ContentPending || error instanceof PredecessorsChild) {
      this.isHeld = true;
      return;
    }
    const terminal = isTerminal(error);
    if (terminal) this.isDecided = true;
    if (terminal) this.terminalError ??= error;
    else this.failure ??= error;
    const conflict = childConflictReason(error);
    if (conflict !== undefined || isInvalid(error)) this.requeueAfter(RECHECK_MS);
    let condition: string | undefined;
    if (conflict !== undefined) condition = this.#stateConflict(conflict, messageOf(error));
    if (isSpecError(error)) {
      const shown =
        error.condition ?? (conditionType === undefined ? undefined : { type: conditionType, reason: 'SpecInvalid' });
      if (shown !== undefined) this.#verdicts.set(shown.type, verdict.false(shown.reason, error.conditionMessage));
      condition = shown?.type;
    }
    this.problems.push({
      message: messageOf(error),
      terminal,
      ...(condition !== undefined && { condition }),
      ...(ofChild && { child: ofChild.child }),
    });
  }

  get conditions(): readonly Condition[] {
    return conditionsFrom(this.#verdicts, this.before.conditions ?? [], {
      generation: this.object.metadata.generation,
      now: this.now,
    });
  }

  /** The status fields that follow from references: the hash of what is used, what it was while that is broken. */
  get referenceHashes(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(
      this.definition.references.flatMap((declared) => {
        if ('members' in declared || declared.hash === undefined) return [];
        const resolved = this.#resolved.get(declared.condition);
        if (resolved?.state === 'none') return [];
        const hash = resolved?.state === 'usable' ? resolved.config.status?.configHash : this.before[declared.hash];
        return hash === undefined ? [] : [[declared.hash, hash]];
      }),
    );
  }

  get<K extends KubernetesObject>(kind: KindOf<K>, name: string): K | undefined {
    return this.#declaredStore(kind).get(this.#inNamespace(name));
  }

  list<K extends KubernetesObject>(kind: KindOf<K>, labels: Readonly<Record<string, string>> = {}): readonly K[] {
    return listByLabels(this.#declaredStore(kind), this.object.metadata.namespace, labels);
  }

  owned<K extends KubernetesObject>(kind: KindOf<K>): readonly K[] {
    const { uid } = this.object.metadata;
    return uid === undefined ? [] : this.#declaredStore(kind).byIndex(CONTROLLER_INDEX, uid);
  }

  reference<From extends KubernetesObject, To extends ConfigObject>(ref: ConfigRef<From, To>): ResolvedReference<To> {
    this.#requireDeclared(ref);
    // What is found there is of the kind that the reference points at.
    return this.#resolve(ref) as ResolvedReference<To>;
  }

  references<From extends KubernetesObject, To extends ConfigObject>(
    refs: ConfigRefs<From, To>,
  ): ReadonlyMap<string, ResolvedReference<To>> {
    this.#requireDeclared(refs);
    const members = (refs as ConfigRefs).members(this.object);
    return new Map([...members].map(([member, ref]) => [member, this.#resolve(ref) as ResolvedReference<To>]));
  }

  users(): readonly ConfigUser[] {
    this.#users ??= this.definition.users?.cached(nameOf(this.object)) ?? [];
    return this.#users;
  }

  contents(refs: readonly ContentRef[]): Contents {
    return this.run.contents.read(refs, this.object.metadata.namespace ?? '');
  }

  once<V>(key: string, compute: () => V): V {
    let result = this.#memo.get(key);
    if (result === undefined) {
      result = attempt(compute);
      this.#memo.set(key, result);
    }
    if ('error' in result) throw result.error;
    // The same key gives what its first caller computed: one key, one type.
    return result.value as V;
  }

  hold(): void {
    this.isHeld = true;
  }

  requeueAfter(afterMs: number): void {
    const outcome = requeueAfter(afterMs);
    if (outcome.kind === 'requeue') this.requeueAfterMs = Math.min(this.requeueAfterMs ?? Infinity, outcome.afterMs);
  }

  event(event: EventNote): void {
    this.events.push(event);
  }

  /** An author's code need not expect that a field holds something of another type than the schema says. */
  #blame(error: unknown): unknown {
    const isOfTheLanguage = error instanceof TypeError || error instanceof RangeError || error instanceof SyntaxError;
    if (!isOfTheLanguage || !isDefinedKind(this.definition.kind)) return error;
    const { spec } = this.object as T & { readonly spec?: unknown };
    const mistyped = mistypedField(this.definition.kind, spec);
    return mistyped === undefined ? error : new SpecError(mistyped);
  }

  /** @returns the condition that shows it, if the kind has conditions. */
  #stateConflict(reason: string, message: string): string | undefined {
    const isTold = findCondition(this.before.conditions, CHILD_CONFLICT)?.message === message;
    if (!isTold) this.event({ type: 'Warning', reason, action: 'Apply', note: message });
    if (!declaresStatusField(this.definition.kind, 'conditions')) return undefined;
    this.#verdicts.set(CHILD_CONFLICT, verdict.true(reason, message));
    return CHILD_CONFLICT;
  }

  #requireDeclared(ref: DeclaredReference): void {
    if (this.definition.references.includes(ref)) return;
    throw new NotDeclaredError(
      `${this.definition.name} reads the reference ${conditionOf(ref)}; declare it with @References`,
    );
  }

  #judgeReference(ref: ConfigRef): void {
    const resolved = this.#resolve(ref);
    if (ref.silent === true) return;
    const type = ref.condition;
    const stated = verdictOf(resolved, ref, this.#hadCondition(type));
    this.#verdicts.set(type, stated);
    if (resolved.state !== 'unusable' || ref.gate === 'nothing') return;
    if (stated.kind !== 'stated') this.isHeld = true;
    else if (ref.gate === 'usable' || awaitsVerdict(resolved))
      this.problems.push({ condition: type, message: stated.message, terminal: true, reference: { ref, resolved } });
  }

  /** Whether the config is usable, and was when this object was last looked at. */
  #wasUsable(ref: ConfigRef): boolean {
    const resolved = this.#resolve(ref);
    if (resolved.state !== 'usable') return false;
    return ref.hash === undefined || this.before[ref.hash] === resolved.config.status?.configHash;
  }

  #resolve(ref: ConfigRef): ResolvedReference {
    let resolved = this.#resolved.get(ref.condition);
    if (resolved === undefined) {
      resolved = resolveReference(ref, this.object, this.services.store(ref.to));
      if (resolved.state !== 'none') this.#seen.add(ref.to);
      this.#resolved.set(ref.condition, resolved);
    }
    return resolved;
  }

  #stateFamily(check: ConditionCheck<T>, verdicts: Readonly<Record<string, Verdict>>): void {
    for (const [member, stated] of Object.entries(verdicts))
      this.#state(check, memberCondition(check.type, member), stated);
  }

  #state(check: ConditionCheck<T>, type: string, stated: Verdict): void {
    this.#verdicts.set(type, stated);
    if (check.gate !== true || stated.kind !== 'stated' || stated.status === 'True') return;
    this.problems.push({ condition: type, message: stated.message, terminal: true });
  }

  #keepCondition(check: ConditionCheck<T>): void {
    this.#keepTypes(check.type, check.isFamily);
  }

  #keepTypes(typeOrPrefix: string, isFamily: boolean): void {
    const types = isFamily
      ? (this.before.conditions ?? []).map(({ type }) => type).filter((type) => type.startsWith(typeOrPrefix))
      : [typeOrPrefix];
    for (const type of types) this.#verdicts.set(type, verdict.unchanged);
  }

  #hadCondition(type: string): boolean {
    return this.before.conditions?.some((condition) => condition.type === type) ?? false;
  }

  #declaredStore<K extends KubernetesObject>(kind: KindOf<K>): Store<K> {
    const { kind: own, owns, watches, references, name } = this.definition;
    const declared = [own, ...owns, ...watches.map((watch) => watch.kind), ...references.map((ref) => ref.to)];
    if (!declared.some((candidate) => candidate.resource === kind.resource)) {
      throw new NotDeclaredError(
        `${name} reads ${kind.resource.kind}; declare it with @Owns, @Watches or @References so that its changes are noticed`,
      );
    }
    this.#seen.add(kind);
    return this.services.store(kind);
  }

  #inNamespace(name: string): NamespacedName {
    const { namespace } = nameOf(this.object);
    return namespace === undefined ? { name } : { namespace, name };
  }
}

function attempt(compute: () => unknown): { readonly value: unknown } | { readonly error: unknown } {
  try {
    return { value: compute() };
  } catch (error) {
    return { error };
  }
}

function statusOf(object: KubernetesObject): StatusFields {
  const { status } = object as KubernetesObject & { readonly status?: StatusFields };
  return status ?? {};
}

/** A config whose verdict is still to come, the first or that on its present generation. */
function awaitsVerdict(resolved: ResolvedReference): boolean {
  return resolved.state === 'unusable' && (resolved.cause === 'pending' || resolved.cause === 'stale');
}

import { formatName, isConflict, type KubernetesObject, type Logger, type NamespacedName } from '@trueup/kube';
import type { Condition } from '../conditions/condition.js';
import type { ConditionOptions, TransitionEvent } from '../decorators/condition.js';
import { messageOf } from '../errors.js';
import type { EventNote } from '../events/event-recorder.js';
import type { KindOf } from '../kind/kind.js';
import { isDefinedKind } from '../kind/kind.js';
import { declaresStatusField } from '../kind/status-fields.js';
import type { Disposition } from '../queue/work-queue.js';
import { Applier } from './applier.js';
import { Children } from './children.js';
import type { ConditionCheck, ControllerDefinition } from './definition.js';
import { done, type Outcome } from './outcome.js';
import { Pass } from './pass.js';
import type { Run } from './run.js';
import type { EngineServices } from './services.js';
import { withSpec } from './with-spec.js';

/** Reconciles single objects of one kind: read, check, apply, report. */
export class ObjectReconciler<T extends KubernetesObject> {
  readonly #applier: Applier;
  readonly #children: Children;
  readonly #checksBefore: readonly ConditionCheck<T>[];
  readonly #checksAfter: readonly ConditionCheck<T>[];
  /** Whether the status is ours to write: that of a kind that others brought only if the class has something to say in it. */
  readonly #reports: boolean;

  constructor(
    private readonly definition: ControllerDefinition<T>,
    private readonly services: EngineServices,
  ) {
    this.#applier = new Applier(definition.name, services.formerManagers, services.clock);
    this.#children = new Children(definition, services, this.#applier);
    this.#checksBefore = definition.conditions.filter((check) => check.observes === undefined);
    this.#checksAfter = definition.conditions.filter((check) => check.observes !== undefined);
    const { kind, conditions, references, status } = definition;
    this.#reports = isDefinedKind(kind) || conditions.length + references.length > 0 || status !== undefined;
  }

  /** One pass over one object. Never throws: what went wrong is in the log, in the status, and in the disposition. */
  async reconcile(name: NamespacedName, run: Run): Promise<Disposition> {
    try {
      const cached = this.services.store(this.definition.kind).get(name);
      if (cached === undefined || this.services.handles?.(cached) === false) {
        this.#applier.forget(this.definition.kind.resource, name);
        run.contents.settle();
        return { kind: 'done' };
      }
      if (cached.metadata.deletionTimestamp !== undefined) return await this.#delete(cached, run);
      return await this.#converge(cached, run);
    } catch (error) {
      if (!run.signal.aborted) logFailure(run.log, error);
      return { kind: 'retry', error };
    }
  }

  /** Drops what was remembered of a child that is gone. */
  forgetChild({ resource }: KindOf, { metadata }: KubernetesObject): void {
    this.#applier.forget(resource, metadata);
  }

  async #converge(cached: T, run: Run): Promise<Disposition> {
    const object = await this.#hold(cached, true, run);
    const pass = new Pass(this.definition, this.services, withSpec(object), run);
    pass.resolveReferences();
    await pass.judge(this.#checksBefore);
    if (pass.canApply) await this.#apply(pass);
    if (pass.isHeld) pass.keepConflict();
    if (pass.isHeld || !pass.isDecided) pass.keepRefusals();
    // A pass that did not come to its end has not asked for everything the object needs.
    if (pass.canApply && pass.failure === undefined) run.contents.settle();
    await pass.judge(this.#checksAfter);
    await this.#report(pass, object);
    return dispositionOf(pass);
  }

  async #delete(object: T, run: Run): Promise<Disposition> {
    const { finalizer } = this.definition;
    const isHeld = finalizer !== undefined && object.metadata.finalizers?.includes(finalizer) === true;
    const pass = new Pass(this.definition, this.services, withSpec(object), run);
    pass.resolveReferences();
    pass.keepConditions(this.#checksBefore);
    await pass.judge(this.#checksAfter);
    const reported = await this.#report(pass, object);
    if (pass.failure !== undefined) return dispositionOf(pass);
    run.progress.step = 'finalize()';
    const outcome = isHeld ? await this.definition.finalize?.(pass.object, pass) : done;
    if (outcome?.kind === 'requeue') return { kind: 'later', afterMs: outcome.afterMs };
    if (isHeld) await this.#children.release(pass.object, run);
    await this.#hold(reported, false, run);
    return { kind: 'done' };
  }

  async #apply(pass: Pass<T>): Promise<void> {
    try {
      if (this.definition.desired !== undefined) {
        pass.run.progress.step = 'desired()';
        pass.isDecided = false;
        const desired = await this.definition.desired(pass.object, pass);
        pass.isDecided = true;
        pass.run.progress.step = 'applying the children';
        await this.#children.converge(pass, desired);
      }
      pass.run.progress.step = 'reconcile()';
      const outcome: Outcome | void = await this.definition.reconcile?.(pass.object, pass);
      if (outcome?.kind === 'requeue') pass.requeueAfter(outcome.afterMs);
      pass.isApplied = true;
    } catch (error) {
      pass.fail(error);
    }
  }

  /** One status write, and only if something changed; then the events that its transitions are worth. */
  async #report(pass: Pass<T>, object: T): Promise<T> {
    const { kind } = this.definition;
    const status = await this.#statusOf(pass);
    pass.run.progress.step = 'reporting';
    const { name, namespace, uid } = object.metadata;
    let reported = object;
    const isSilent = Object.keys(status).length === 0;
    // One that has nothing to say any more takes back what it said.
    if (this.#reports && (!isSilent || Object.keys(pass.before).length > 0)) {
      const store = this.services.store(kind);
      const { apiVersion, kind: kindName } = object;
      const metadata = {
        name,
        ...(namespace === undefined ? {} : { namespace }),
        ...(uid === undefined ? {} : { uid }),
      };
      const result = await this.#applier.apply(
        { resource: kind.resource, store, live: store.get(metadata) ?? object },
        { apiVersion, kind: kindName, metadata, ...(isSilent ? {} : { status }) },
        { subresource: 'status', mayTake: 'all', writes: pass.run.writes, client: pass.client },
      );
      reported = result.object;
    }
    for (const event of [...pass.events, ...this.#transitions(pass)]) {
      await this.services.events.emit(object, this.definition.name, event, pass);
    }
    return reported;
  }

  async #statusOf(pass: Pass<T>): Promise<Record<string, unknown>> {
    const { kind, status: describe } = this.definition;
    let fields: Readonly<Record<string, unknown>> = {};
    try {
      pass.run.progress.step = 'status()';
      fields = (await describe?.(pass.object, pass)) ?? {};
    } catch (error) {
      pass.fail(error);
      const { conditions: _c, observedGeneration: _o, ...before } = pass.before;
      fields = before;
    }
    const observed = pass.isDeleting ? pass.before['observedGeneration'] : pass.object.metadata.generation;
    const stamped = declaresStatusField(kind, 'observedGeneration') && observed !== undefined;
    const { conditions } = pass;
    return {
      ...fields,
      ...pass.referenceHashes,
      ...(stamped ? { observedGeneration: observed } : {}),
      ...(conditions.length > 0 ? { conditions } : {}),
    };
  }

  #transitions(pass: Pass<T>): readonly EventNote[] {
    const before = new Map(pass.before.conditions?.map((condition) => [condition.type, condition]));
    return pass.conditions.flatMap((now) => {
      const was = before.get(now.type);
      if (was?.status === now.status) return [];
      pass.log.info({ condition: now.type, status: now.status, reason: now.reason }, 'condition changed');
      const check = this.definition.conditions.find(({ type, isFamily }) =>
        isFamily ? now.type.startsWith(type) : now.type === type,
      );
      return eventOf(check?.event, was, now);
    });
  }

  /**
   * Takes hold of the object or lets it go; others' finalizers stay, those that nobody serves any more go. With the
   * resourceVersion that was read, since a merge patch replaces the whole list: nobody's finalizer is lost.
   */
  async #hold(object: T, isHeld: boolean, { writes, client }: Run): Promise<T> {
    const { kind, finalizer, formerFinalizers = [] } = this.definition;
    const { resource } = kind;
    const { resourceVersion, finalizers = [] } = object.metadata;
    const others = finalizers.filter((held) => held !== finalizer && !formerFinalizers.includes(held));
    const wanted = isHeld && finalizer !== undefined ? [...others, finalizer] : others;
    if (wanted.length === finalizers.length && wanted.every((each) => finalizers.includes(each))) return object;
    const patch = { metadata: { resourceVersion, finalizers: wanted } };
    const patched = await client.mergePatch<T>(resource, object.metadata, patch, {
      fieldManager: this.definition.name,
    });
    const store = this.services.store(this.definition.kind);
    const isGone = patched.metadata.deletionTimestamp !== undefined && (patched.metadata.finalizers ?? []).length === 0;
    if (isGone) writes.recordDelete(store, patched);
    else writes.record(store, patched);
    return patched;
  }
}

/** A conflict is everyday life: somebody else changed the object, and the next pass sees it. */
function logFailure(log: Logger, error: unknown): void {
  if (isConflict(error)) log.debug({ error: messageOf(error) }, 'reconcile was overtaken; it is retried');
  else log.error({ error: messageOf(error) }, 'reconcile failed; it is retried');
}

function dispositionOf<T extends KubernetesObject>(pass: Pass<T>): Disposition {
  const { log } = pass;
  if (pass.failure !== undefined) {
    if (!pass.signal.aborted) logFailure(log, pass.failure);
    return { kind: 'retry', error: pass.failure };
  }
  log.debug(
    { problems: pass.problems.map(({ message }) => message) },
    `reconciled ${formatName(pass.object.metadata)}`,
  );
  const ended = { error: pass.terminalError };
  return pass.requeueAfterMs === undefined
    ? { kind: 'done', ...ended }
    : { kind: 'later', afterMs: pass.requeueAfterMs, ...ended };
}

function eventOf(events: ConditionOptions['event'], was: Condition | undefined, now: Condition): readonly EventNote[] {
  const told = (type: EventNote['type'], event: TransitionEvent | undefined): EventNote[] =>
    event === undefined
      ? []
      : [
          {
            type: event.type ?? type,
            reason: event.reason,
            action: event.action,
            note: event.note({ kind: 'stated', ...now }),
          },
        ];
  if (now.status === 'False') return told('Warning', events?.onFalse);
  if (now.status !== 'True') return [];
  return was?.status === 'False' && events?.onRecovered !== undefined
    ? told('Normal', events.onRecovered)
    : told('Normal', events?.onTrue);
}

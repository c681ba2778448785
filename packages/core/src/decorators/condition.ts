import { isConditionType } from '../conditions/condition-type.js';
import type { StatedVerdict, Verdict } from '../conditions/verdict.js';
import type { Context } from '../engine/context.js';
import { DecoratorError } from '../errors.js';
import type { KindOf } from '../kind/kind.js';
import { addCondition, conditionsOf, type ConditionRecord } from '../metadata.js';
import type { Constructor } from '../operator/module.js';

export interface TransitionEvent {
  /** Default: Warning when the condition became False, Normal otherwise. */
  readonly type?: 'Normal' | 'Warning';
  /** CamelCase, for programs. */
  readonly reason: string;
  /** What was being done when it happened, CamelCase. */
  readonly action: string;
  /** At most 1024 characters are sent. */
  readonly note: (verdict: StatedVerdict) => string;
}

export interface ConditionOptions {
  /** While the verdict is False or Unknown nothing is applied: nothing broken is rolled out, what runs keeps running. */
  readonly gate?: boolean;
  /** The kinds it looks at: judged after apply instead of before. They must be owned or watched. */
  readonly observes?: readonly KindOf[];
  /** Events to emit when the stored verdict changes; never for a verdict that stays. */
  readonly event?: {
    /** The condition became False. */
    readonly onFalse?: TransitionEvent;
    /** The condition became True. */
    readonly onTrue?: TransitionEvent;
    /** The condition became True after having been False. */
    readonly onRecovered?: TransitionEvent;
  };
}

/** A method that judges; `never` accepts one for whatever kind. */
type Judge<V> = (object: never, ctx: Context) => V | Promise<V>;

/** Declares that a method judges one condition of the object. It runs in every pass; a condition it calls absent goes. */
export function Condition(type: string, options: ConditionOptions = {}) {
  return <M extends Judge<Verdict>>(prototype: object, method: string, _: TypedPropertyDescriptor<M>): void =>
    record('Condition', prototype, { ...options, type, isFamily: false, method });
}

/**
 * Declares that a method judges a family of conditions, one for each key of the record it returns; their types are
 * `prefix` plus the key, or a legible stand-in for a key that cannot be part of a type. Members that are no longer returned go.
 */
export function ConditionFamily(prefix: string, options: ConditionOptions = {}) {
  return <M extends Judge<Readonly<Record<string, Verdict>>>>(
    prototype: object,
    method: string,
    _: TypedPropertyDescriptor<M>,
  ): void => record('ConditionFamily', prototype, { ...options, type: prefix, isFamily: true, method });
}

function record(decorator: string, prototype: object, condition: ConditionRecord): void {
  const target = prototype.constructor as Constructor;
  const { type, method, isFamily, gate, observes } = condition;
  if (!isConditionType(isFamily ? `${type}x` : type)) {
    throw new DecoratorError(
      decorator,
      target,
      `"${type}" on ${method} cannot be a condition type; use CamelCase words`,
    );
  }
  if (conditionsOf(target).some((other) => other.type === type)) {
    throw new DecoratorError(decorator, target, `${type} is judged by two methods; make it one verdict`);
  }
  if (gate === true && observes !== undefined) {
    throw new DecoratorError(
      decorator,
      target,
      `${type} cannot be a gate and observe the world: gates are judged before apply`,
    );
  }
  addCondition(target, condition);
}

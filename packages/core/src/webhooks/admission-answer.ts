import type { KubernetesObject } from '@trueup/kube';
import type { FieldProblem } from '../kind/validate-spec.js';

const BRAND = Symbol.for('@trueup/core:denial');

/** A request is not allowed. Made by {@link deny}. */
export interface Denial {
  readonly [BRAND]: true;
  readonly message: string;
  readonly code: number;
  readonly reason: string;
}

export interface DenialOptions {
  /** HTTP status that the client gets, from 400. Default 403. */
  readonly code?: number;
  /** One CamelCase word for programs. Default `Forbidden`. */
  readonly reason?: string;
}

/**
 * Refuses a request as a whole: `deny('the namespace is frozen')`. Where a field is to blame return a
 * {@link FieldProblem} for it instead; the user then sees which.
 */
export function deny(message: string, { code = 403, reason = 'Forbidden' }: DenialOptions = {}): Denial {
  return { [BRAND]: true, message, code, reason };
}

/** What a validator answers: what is wrong with which fields, a refusal, or nothing when all is well. */
export type ValidationAnswer = readonly FieldProblem[] | Denial | undefined | void;

/** What a mutator answers: the object as it should be, nothing when it may stay as it is, or why the request is refused. */
export type MutationAnswer<T extends KubernetesObject> = T | ValidationAnswer;

export function isDenial(answer: object): answer is Denial {
  return BRAND in answer;
}

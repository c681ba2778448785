import { objectAt, objectsAt, optionalObjectAt, stringAt } from '../access.js';
import { CelError } from '../cel/cel-error.js';
import { Budget } from '../cel/cost.js';
import { DYN, type CelType } from '../cel/types.js';
import { MapValue, type Value } from '../cel/values.js';
import type { JsonObject, KubeObject } from '../object.js';
import type { StoredObject } from '../storage/table.js';
import {
  AdmissionExpression,
  EvaluationError,
  objectOf,
  POLICY_VARIABLES,
  type AdmissionValues,
  type VariableTypes,
} from './admission-expression.js';
import { readMatchCriteria, type MatchCriteria } from './match-criteria.js';
import { MatchConditionError, MatchConditions } from './match-conditions.js';

/** A ValidatingAdmissionPolicy. */
export interface Policy {
  readonly name: string;
  readonly criteria: MatchCriteria;
  readonly conditions: MatchConditions;
  /** What its params are; absent: it takes none. */
  readonly paramKind?: { readonly apiVersion: string; readonly kind: string };
  readonly variables: readonly PolicyVariable[];
  readonly validations: readonly Validation[];
  readonly auditAnnotations: readonly AuditAnnotation[];
  /** What goes wrong with the policy itself is overlooked. */
  readonly isOptional: boolean;
}

interface PolicyVariable {
  readonly name: string;
  readonly expression: AdmissionExpression;
}

interface Validation {
  readonly expression: AdmissionExpression;
  readonly messageExpression?: AdmissionExpression;
  readonly message: string;
  readonly reason: string;
}

interface AuditAnnotation {
  readonly key: string;
  /** A text, or null for no annotation. */
  readonly expression: AdmissionExpression;
}

/** Why a policy refuses a request. */
export interface Refusal {
  readonly message: string;
  /** Of the Status; empty: the default. */
  readonly reason: string;
  /** Which validation failed; absent where the policy itself is at fault. */
  readonly index?: number;
}

/** What a policy makes of a request. */
export interface PolicyOutcome {
  readonly refusals: readonly Refusal[];
  /** Of the audit event: key and value. */
  readonly annotations: readonly (readonly [key: string, value: string])[];
}

/** What all expressions of a policy may cost for one request. */
const COST_LIMIT = 10_000_000;
const MESSAGE_LIMIT_BYTES = 5 * 1024;

const known = new WeakMap<StoredObject, Policy>();

/** The policy that is stored as an object. */
export function policyOf(stored: StoredObject): Policy {
  let policy = known.get(stored);
  if (!policy) known.set(stored, (policy = readPolicy(stored)));
  return policy;
}

export function readPolicy(object: Readonly<KubeObject>): Policy {
  const spec = objectAt(object, 'spec');
  const paramKind = optionalObjectAt(spec, 'paramKind');
  const outer = paramKind ? { ...POLICY_VARIABLES, params: DYN } : POLICY_VARIABLES;
  const variables = readVariables(objectsAt(spec, 'variables'), outer);
  const types = { ...outer, variables: typeOfVariables(variables) };
  return {
    name: object.metadata.name ?? '',
    criteria: readMatchCriteria(objectAt(spec, 'matchConstraints'), 'resourceRules'),
    conditions: new MatchConditions(spec, outer),
    ...(paramKind && {
      paramKind: { apiVersion: stringAt(paramKind, 'apiVersion'), kind: stringAt(paramKind, 'kind') },
    }),
    variables,
    validations: objectsAt(spec, 'validations').map((validation) => readValidation(validation, types)),
    auditAnnotations: objectsAt(spec, 'auditAnnotations').map((annotation) => ({
      key: stringAt(annotation, 'key'),
      expression: new AdmissionExpression(stringAt(annotation, 'valueExpression'), types, 'dyn'),
    })),
    isOptional: stringAt(spec, 'failurePolicy') === 'Ignore',
  };
}

/** A variable may name those before it. */
function readVariables(sources: readonly JsonObject[], outer: VariableTypes): PolicyVariable[] {
  const variables: PolicyVariable[] = [];
  for (const source of sources) {
    const types = { ...outer, variables: typeOfVariables(variables) };
    const expression = new AdmissionExpression(stringAt(source, 'expression'), types, 'dyn');
    variables.push({ name: stringAt(source, 'name'), expression });
  }
  return variables;
}

function typeOfVariables(variables: readonly PolicyVariable[]): CelType {
  return objectOf(Object.fromEntries(variables.map(({ name, expression }) => [name, expression.type])));
}

function readValidation(validation: JsonObject, types: VariableTypes): Validation {
  const messageExpression = stringAt(validation, 'messageExpression');
  return {
    expression: new AdmissionExpression(stringAt(validation, 'expression'), types, 'bool'),
    ...(messageExpression !== '' && {
      messageExpression: new AdmissionExpression(messageExpression, types, 'string'),
    }),
    message: stringAt(validation, 'message').trim(),
    reason: stringAt(validation, 'reason'),
  };
}

/** Holds a request with these values to a policy: a refusal for each validation that fails. */
export function evaluatePolicy(policy: Policy, request: AdmissionValues): PolicyOutcome {
  const budget = new Budget(COST_LIMIT);
  const values = { ...request, variables: new Variables(policy.variables, request, budget) };
  const failed = (message: string): readonly Refusal[] => (policy.isOptional ? [] : [{ message, reason: '' }]);
  try {
    if (!policy.conditions.hold(values)) return { refusals: [], annotations: [] };
  } catch (error) {
    if (error instanceof MatchConditionError) return { refusals: failed(error.message), annotations: [] };
    throw error;
  }
  const refusals = policy.validations.flatMap((validation, index) => {
    try {
      if (validation.expression.evaluate(values, budget) === true) return [];
    } catch (error) {
      if (error instanceof EvaluationError) return failed(error.message);
      throw error;
    }
    return [{ message: messageOf(validation, values, budget), reason: validation.reason, index }];
  });
  const annotations: (readonly [string, string])[] = [];
  for (const { key, expression } of policy.auditAnnotations) {
    try {
      const value = expression.evaluate(values, budget);
      if (typeof value === 'string' && value.trim() !== '') annotations.push([key, value.trim()]);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      refusals.push(...failed(error.message));
    }
  }
  return { refusals, annotations };
}

function messageOf(validation: Validation, values: AdmissionValues, budget: Budget): string {
  const { expression, messageExpression, message } = validation;
  const text = messageExpression === undefined ? '' : textOf(messageExpression, values, budget);
  if (text !== '' && !text.includes('\n') && Buffer.byteLength(text) <= MESSAGE_LIMIT_BYTES) return text;
  return message === '' ? `failed expression: ${expression.text.trim()}` : message;
}

/** A message that cannot be evaluated is none: the refusal stands. */
function textOf(expression: AdmissionExpression, values: AdmissionValues, budget: Budget): string {
  try {
    const value = expression.evaluate(values, budget);
    return typeof value === 'string' ? value.trim() : '';
  } catch (error) {
    if (error instanceof EvaluationError) return '';
    throw error;
  }
}

/** The `variables` of a policy, each evaluated when it is asked for first. */
class Variables extends MapValue {
  readonly #variables: readonly PolicyVariable[];
  readonly #values: AdmissionValues;
  readonly #budget: Budget;
  readonly #known = new Map<string, Value>();

  constructor(variables: readonly PolicyVariable[], request: AdmissionValues, budget: Budget) {
    super();
    this.#variables = variables;
    this.#values = { ...request, variables: this };
    this.#budget = budget;
  }

  get size(): number {
    return this.#variables.length;
  }

  get(key: Value): Value | undefined {
    const variable = this.#variables.find(({ name }) => name === key);
    if (!variable) return undefined;
    const before = this.#known.get(variable.name);
    if (before !== undefined) return before;
    const value = this.#evaluate(variable);
    this.#known.set(variable.name, value);
    return value;
  }

  keys(): readonly Value[] {
    return this.#variables.map(({ name }) => name);
  }

  #evaluate({ name, expression }: PolicyVariable): Value {
    try {
      return expression.evaluate(this.#values, this.#budget);
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw new CelError(`composited variable ${JSON.stringify(name)} fails to evaluate: ${error.problem}`);
    }
  }
}

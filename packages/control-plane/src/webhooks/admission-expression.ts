import { CelCompileError, CelConstantError, CelError } from '../cel/cel-error.js';
import type { Budget } from '../cel/cost.js';
import { dynamicValue } from '../cel/dynamic-value.js';
import { celEngine, type CelProgram } from '../cel/engine.js';
import { AUTHORIZER, RESOURCE_CHECK } from '../cel/library/authorization.js';
import { BOOL, DYN, listOf, mapOf, printType, STRING, type CelType } from '../cel/types.js';
import type { Value } from '../cel/values.js';

/** What expressions about requests may name. Policies offer more than match conditions do. */
export interface AdmissionValues {
  readonly object: Value;
  readonly oldObject: Value;
  readonly request: Value;
  readonly authorizer: Value;
  readonly 'authorizer.requestResource': Value;
  readonly namespaceObject?: Value;
  readonly params?: Value;
  readonly variables?: Value;
}

/** The types of the variables that an expression may name. */
export type VariableTypes = Readonly<Partial<Record<keyof AdmissionValues, CelType>>>;

/** An expression has no value: it does not compile, or fails with these values. */
export class EvaluationError extends Error {
  override readonly name = 'EvaluationError';

  constructor(
    message: string,
    /** The engine's part of the message. */
    readonly problem: string,
  ) {
    super(message);
  }
}

const VARIABLES = [
  'object',
  'oldObject',
  'request',
  'authorizer',
  'authorizer.requestResource',
  'namespaceObject',
  'params',
  'variables',
] as const;

/** An expression about a request, in a webhook or a policy. */
export class AdmissionExpression {
  /** Unknown for one that does not compile. */
  readonly type: CelType;
  /** Why it does not compile; undefined when it does. */
  readonly problem: string | undefined;
  readonly #program: CelProgram | undefined;
  readonly #names: readonly (keyof AdmissionValues)[];

  /** @param wanted - What the expression must be; `dyn` for anything. A text may be of unknown type. */
  constructor(
    readonly text: string,
    variables: VariableTypes,
    wanted: 'bool' | 'string' | 'dyn',
  ) {
    this.#names = VARIABLES.filter((name) => variables[name] !== undefined);
    const compiled = compile(text, this.#names, variables);
    if (typeof compiled === 'string') {
      this.type = DYN;
      this.problem = compiled;
      return;
    }
    this.#program = compiled;
    this.type = compiled.type;
    const { kind } = compiled.type;
    if (wanted !== 'dyn' && kind !== wanted && !(wanted === 'string' && kind === 'dyn')) {
      this.problem = `must evaluate to ${wanted} but got ${printType(compiled.type)}`;
    }
  }

  /** @throws {@link EvaluationError} */
  evaluate(values: AdmissionValues, budget: Budget): Value {
    if (!this.#program || this.problem !== undefined) {
      const problem = this.problem ?? '';
      throw new EvaluationError(`compilation error: ${problem}`, problem);
    }
    try {
      return this.#program.evaluate(
        this.#names.map((name) => values[name] ?? null),
        budget,
      );
    } catch (error) {
      if (!(error instanceof CelError)) throw error;
      throw new EvaluationError(`expression '${this.text}' resulted in error: ${error.message}`, error.message);
    }
  }
}

/** JSON as expressions see it: an absent object is null. */
export function expressionValue(json: unknown): Value {
  return dynamicValue(json);
}

/** @returns the program, or why there is none. */
function compile(
  text: string,
  names: readonly (keyof AdmissionValues)[],
  variables: VariableTypes,
): CelProgram | string {
  try {
    return celEngine.compile(text, Object.fromEntries(names.map((name) => [name, variables[name] ?? DYN])));
  } catch (error) {
    if (error instanceof CelCompileError) return `compilation failed: ${error.message}`;
    if (error instanceof CelConstantError) return `instantiation failed: ${error.message}`;
    throw error;
  }
}

export function objectOf(fields: Readonly<Record<string, CelType>>): CelType {
  return { kind: 'object', fields: new Map(Object.entries(fields)) };
}

const KIND = objectOf({ group: STRING, version: STRING, kind: STRING });
const RESOURCE = objectOf({ group: STRING, version: STRING, resource: STRING });
const USER = objectOf({
  username: STRING,
  uid: STRING,
  groups: listOf(STRING),
  extra: mapOf(STRING, listOf(STRING)),
});

/** What match conditions may name. */
export const CONDITION_VARIABLES: VariableTypes = {
  object: DYN,
  oldObject: DYN,
  request: objectOf({
    kind: KIND,
    resource: RESOURCE,
    subResource: STRING,
    requestKind: KIND,
    requestResource: RESOURCE,
    requestSubResource: STRING,
    name: STRING,
    namespace: STRING,
    operation: STRING,
    userInfo: USER,
    dryRun: BOOL,
    options: DYN,
  }),
  authorizer: AUTHORIZER,
  'authorizer.requestResource': RESOURCE_CHECK,
};

/** What expressions of policies may name, apart from params and the policy's own variables. */
export const POLICY_VARIABLES: VariableTypes = { ...CONDITION_VARIABLES, namespaceObject: DYN };

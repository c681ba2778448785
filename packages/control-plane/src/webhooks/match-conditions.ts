import { objectsAt, stringAt } from '../access.js';
import { Budget } from '../cel/cost.js';
import type { JsonObject } from '../object.js';
import {
  AdmissionExpression,
  EvaluationError,
  type AdmissionValues,
  type VariableTypes,
} from './admission-expression.js';

/** What all conditions of one webhook may cost. A quarter of what a policy may, as in the API server. */
const COST_LIMIT = 2_500_000;

/** Conditions could not be evaluated, and none of the others was false. */
export class MatchConditionError extends Error {
  override readonly name = 'MatchConditionError';

  constructor(problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : `[${problems.join(', ')}]`);
  }
}

/** The `matchConditions` of a webhook or a policy: expressions all of which must hold. */
export class MatchConditions {
  readonly expressions: readonly AdmissionExpression[];

  constructor(source: JsonObject, variables: VariableTypes) {
    this.expressions = objectsAt(source, 'matchConditions').map(
      (condition) => new AdmissionExpression(stringAt(condition, 'expression'), variables, 'bool'),
    );
  }

  get isEmpty(): boolean {
    return this.expressions.length === 0;
  }

  /** @throws {@link MatchConditionError} when conditions fail; one that is false decides even then. */
  hold(values: AdmissionValues): boolean {
    const budget = new Budget(COST_LIMIT);
    const problems: string[] = [];
    for (const expression of this.expressions) {
      try {
        if (expression.evaluate(values, budget) === false) return false;
      } catch (error) {
        if (!(error instanceof EvaluationError)) throw error;
        problems.push(error.message);
      }
    }
    if (problems.length > 0) throw new MatchConditionError(problems);
    return true;
  }
}

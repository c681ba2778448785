import { bounded } from '../cel/cost.js';
import { forbidden } from '../schema/field-error.js';
import { child } from '../schema/field-path.js';
import type { FieldError } from '../status-error.js';

const EXPRESSION_LIMIT = 10_000_000;
const SCHEMA_LIMIT = 100_000_000;
/** Rules that cost less than a hundredth of the limit are not blamed when the total is too high. */
const NOTABLE = SCHEMA_LIMIT / 100;
const BLAMED = 4;

const ADVICE =
  '(try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)';

/** Adds up what the rules of a schema can cost at most. */
export class RuleCosts {
  #total = 0;
  #notable: { path: string; cost: number }[] = [];

  /** @param checksSingle - Whether expressions are also checked one by one. */
  constructor(readonly checksSingle: boolean) {}

  /** Counts an expression. @returns An error when it alone costs too much. */
  observe(path: string, name: 'rule' | 'messageExpression', cost: number): FieldError[] {
    const field = child(path, name);
    this.#total = bounded(this.#total + cost);
    if (cost >= NOTABLE) {
      this.#notable = [...this.#notable, { path: field, cost }].sort((a, b) => b.cost - a.cost).slice(0, BLAMED);
    }
    return this.checksSingle && cost > EXPRESSION_LIMIT
      ? [forbidden(field, excess(`estimated ${name} cost`, cost, EXPRESSION_LIMIT))]
      : [];
  }

  /** Errors for the schema when all rules together cost too much. */
  totalErrors(path: string): FieldError[] {
    if (this.#total <= SCHEMA_LIMIT) {
      return [];
    }
    const contribution = 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema';
    const name = 'x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema';
    return [
      ...this.#notable.map((rule) => forbidden(rule.path, contribution)),
      forbidden(path, excess(name, this.#total, SCHEMA_LIMIT)),
    ];
  }
}

function excess(name: string, cost: number, limit: number): string {
  const factor = cost / limit;
  const printed = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`;
  return `${name} exceeds budget by factor of ${printed} ${ADVICE}`;
}

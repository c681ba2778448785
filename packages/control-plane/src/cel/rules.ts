import { isJsonObject } from '../object.js';
import { Correlation, isMapList, itemKey, itemsByKey } from '../schema/correlation.js';
import { duplicate, forbidden, invalid, required } from '../schema/field-error.js';
import { child, index, key } from '../schema/field-path.js';
import type { Schema, ValidationRule } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';
import { CelError, CostLimitError } from './cel-error.js';
import { Budget, OBJECT_COST_LIMIT, RULE_COST_LIMIT } from './cost.js';
import type { CelProgram } from './engine.js';
import { escapeFieldName } from './field-names.js';
import { compileRule, type CompiledRule } from './rule.js';
import { isEmbeddedResource, schemaType, withTypeFields } from './schema-type.js';
import { schemaValue } from './schema-value.js';
import type { CelType } from './types.js';
import { OptionalValue, type Value } from './values.js';

const MESSAGE_LIMIT_BYTES = 5 * 1024;

/** The CEL rules of a schema, compiled. */
export interface RuleSet {
  /** True when the schema has no rules at all. */
  readonly isEmpty: boolean;
  /**
   * Evaluates all rules over an object that satisfies its schema.
   *
   * @param options.old - The object that this one replaces; rules that name `oldSelf` run only where it has a value.
   * @param options.ratchet - Turns errors about what the update left unchanged into warnings.
   */
  evaluate(value: unknown, options: { old?: unknown; ratchet: boolean }): RuleResults;
}

export interface RuleResults {
  readonly errors: FieldError[];
  readonly warnings: string[];
}

export interface RuleProblem {
  /** The path of the values that the rule is about, with `[*]` for items and map values. */
  readonly path: string;
  readonly index: number;
  readonly message: string;
}

/** Thrown for a schema with rules that do not compile. */
export class RuleCompileError extends Error {
  override readonly name = 'RuleCompileError';

  constructor(readonly problems: readonly RuleProblem[]) {
    super(problems.map(({ path, index: position, message }) => `${path}: rule ${position}: ${message}`).join('\n'));
  }
}

/** The rules for values of one place in an object, and of all places below it. */
interface RuleNode {
  readonly schema: Schema;
  readonly isResource: boolean;
  readonly rules: readonly CompiledRule[];
  readonly items?: RuleNode;
  readonly values?: RuleNode;
  readonly properties: ReadonlyMap<string, RuleNode>;
}

const ruleSets = new WeakMap<Schema, RuleSet>();

/**
 * Compiles the `x-kubernetes-validations` of the schema of a custom resource. The result is kept with the schema.
 *
 * @throws {@link RuleCompileError} when a rule is not well formed; CRD validation keeps such rules out.
 */
export function compileRules(schema: Schema): RuleSet {
  let rules = ruleSets.get(schema);
  if (rules === undefined) {
    rules = compileRulesOf(schema, true, '');
    ruleSets.set(schema, rules);
  }
  return rules;
}

/**
 * Compiles the rules for values of any schema, such as defaults.
 *
 * @param isResource - Whether the values have apiVersion, kind and metadata.
 * @param path - Where the values are, for their errors.
 */
export function compileRulesOf(schema: Schema, isResource: boolean, path: string): RuleSet {
  const problems: RuleProblem[] = [];
  const root = buildNode(schema, schemaType(schema, isResource)?.type, isResource, path, problems);
  if (problems.length > 0) {
    throw new RuleCompileError(problems);
  }
  return {
    isEmpty: root === undefined,
    evaluate: (value, options) => new Evaluation().run(root, path, value, options),
  };
}

/** @returns Undefined when there are no rules at this place nor below it. */
function buildNode(
  schema: Schema,
  type: CelType | undefined,
  isResource: boolean,
  path: string,
  problems: RuleProblem[],
): RuleNode | undefined {
  const rules = (schema['x-kubernetes-validations'] ?? []).map((rule) => compileRule(rule, schema, type));
  problems.push(
    ...rules.flatMap(({ problem }, position) =>
      problem === undefined ? [] : [{ path, index: position, message: problem }],
    ),
  );
  const { additionalProperties } = schema;
  const items = buildChild(schema.items, type?.kind === 'list' ? type.element : undefined, `${path}[*]`, problems);
  const values =
    typeof additionalProperties === 'object'
      ? buildChild(additionalProperties, type?.kind === 'map' ? type.value : undefined, `${path}[*]`, problems)
      : undefined;
  const properties = new Map<string, RuleNode>();
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const node = buildChild(property, propertyType(type, name, property), child(path, name), problems);
    if (node !== undefined) {
      properties.set(name, node);
    }
  }
  if (rules.length === 0 && items === undefined && values === undefined && properties.size === 0) {
    return undefined;
  }
  return {
    schema,
    isResource,
    rules,
    properties,
    ...(items === undefined ? {} : { items }),
    ...(values === undefined ? {} : { values }),
  };
}

function buildChild(
  schema: Schema | undefined,
  type: CelType | undefined,
  path: string,
  problems: RuleProblem[],
): RuleNode | undefined {
  return schema === undefined ? undefined : buildNode(schema, type, isEmbeddedResource(schema), path, problems);
}

/** The type of a field; fields whose name is no identifier have one too, though other rules cannot see them. */
function propertyType(type: CelType | undefined, name: string, schema: Schema): CelType | undefined {
  const identifier = escapeFieldName(name);
  return identifier === undefined
    ? schemaType(schema, isEmbeddedResource(schema))?.type
    : type?.kind === 'object'
      ? type.fields.get(identifier)
      : undefined;
}

/** How a value of an update relates to the old object, for ratcheting. */
interface Ratchet {
  /** The value with its old one, where the old one can be told. */
  readonly own?: Correlation;
  /** The nearest ancestor that has an old value. */
  readonly parent?: Correlation;
}

/** One run of all rules over one object. */
class Evaluation {
  readonly #errors: FieldError[] = [];
  readonly #warnings: string[] = [];
  readonly #budget = new Budget(OBJECT_COST_LIMIT);
  /** Set when the budget is spent: no further rule is run. */
  #isOver = false;

  run(
    root: RuleNode | undefined,
    path: string,
    value: unknown,
    options: { old?: unknown; ratchet: boolean },
  ): RuleResults {
    if (root !== undefined) {
      const { old, ratchet } = options;
      const own = ratchet && old !== undefined ? new Correlation(root.schema, value, old) : undefined;
      this.#visit(root, path, value, old, own === undefined ? {} : { own });
    }
    return { errors: this.#errors, warnings: this.#warnings };
  }

  #visit(node: RuleNode, path: string, value: unknown, old: unknown, ratchet: Ratchet): void {
    if (this.#isOver || value === null || value === undefined) {
      return;
    }
    this.#evaluateRules(node, path, value, old ?? undefined, ratchet);
    if (Array.isArray(value)) {
      this.#visitItems(node, path, value, Array.isArray(old) ? old : [], ratchet);
    } else if (isJsonObject(value)) {
      this.#visitFields(node, path, value, isJsonObject(old) ? old : {}, ratchet);
    }
  }

  #visitItems(
    { items, schema }: RuleNode,
    path: string,
    list: readonly unknown[],
    old: readonly unknown[],
    ratchet: Ratchet,
  ): void {
    if (items === undefined) {
      return;
    }
    const oldItems = isMapList(schema) ? itemsByKey(schema, old) : new Map<string, unknown>();
    list.forEach((item, position) => {
      const oldItem = oldItems.get(itemKey(schema, item) ?? '');
      this.#visit(items, index(path, position), item, oldItem, descend(ratchet, ratchet.own?.item(position)));
    });
  }

  #visitFields(
    { values, properties }: RuleNode,
    path: string,
    object: Readonly<Record<string, unknown>>,
    old: Readonly<Record<string, unknown>>,
    ratchet: Ratchet,
  ): void {
    for (const name of Object.keys(object)) {
      const oldValue = Object.hasOwn(old, name) ? old[name] : undefined;
      const property = properties.get(name);
      if (values !== undefined) {
        this.#visit(values, key(path, name), object[name], oldValue, descend(ratchet, ratchet.own?.property(name)));
      }
      if (property !== undefined) {
        const isTypeField = ratchet.parent === undefined && (name === 'apiVersion' || name === 'kind');
        const below = isTypeField ? {} : descend(ratchet, ratchet.own?.property(name));
        this.#visit(property, child(path, name), object[name], oldValue, below);
      }
    }
  }

  #evaluateRules(node: RuleNode, path: string, value: unknown, old: unknown, ratchet: Ratchet): void {
    if (node.rules.length === 0) {
      return;
    }
    const schema = node.isResource ? withTypeFields(node.schema) : node.schema;
    let values: readonly Value[];
    let optionalValues: readonly Value[];
    try {
      const self = schemaValue(value, schema);
      const oldSelf = old === undefined ? undefined : schemaValue(old, schema);
      values = oldSelf === undefined ? [self] : [self, oldSelf];
      optionalValues = [self, oldSelf === undefined ? OptionalValue.none : OptionalValue.of(oldSelf)];
    } catch (error) {
      if (!(error instanceof CelError)) {
        throw error;
      }
      for (const { rule } of node.rules) {
        this.#errors.push(invalid(path, typeOf(schema), `${error.message} evaluating rule: ${ruleText(rule)}`));
      }
      return;
    }
    for (const compiled of node.rules) {
      const isOptional = compiled.rule.optionalOldSelf === true;
      if (this.#isOver) {
        return;
      }
      if (!compiled.usesOldSelf || old !== undefined || isOptional) {
        this.#evaluateRule(compiled, schema, path, isOptional ? optionalValues : values, ratchet);
      }
    }
  }

  #evaluateRule(
    compiled: CompiledRule,
    schema: Schema,
    path: string,
    values: readonly Value[],
    ratchet: Ratchet,
  ): void {
    const { rule, program } = compiled;
    if (program === undefined) {
      return;
    }
    let result: Value;
    try {
      result = this.#evaluate(program, values);
    } catch (error) {
      if (!(error instanceof CelError)) {
        throw error;
      }
      this.#errors.push(invalid(path, typeOf(schema), evaluationProblem(error, rule)));
      return;
    }
    if (this.#ranOut(path, schema) || result === true) {
      return;
    }
    const field = compiled.fieldPath === '' ? path : child(path, compiled.fieldPath);
    const message = this.#message(compiled, values) ?? defaultMessage(rule);
    const error = errorFor(rule, field, typeOf(schema), message);
    if (!compiled.usesOldSelf && isUnchanged(ratchet)) {
      this.#warnings.push(`${error.field}: ${error.detail}`);
    } else {
      this.#errors.push(error);
    }
  }

  /** Runs a program within the limit of one rule, and charges its cost to the object. */
  #evaluate(program: CelProgram, values: readonly Value[]): Value {
    const budget = new Budget(RULE_COST_LIMIT);
    try {
      return program.evaluate(values, budget);
    } catch (error) {
      this.#isOver ||= error instanceof CostLimitError;
      throw error;
    } finally {
      this.#charge(budget.spent);
    }
  }

  #charge(cost: number): void {
    try {
      this.#budget.spend(cost);
    } catch {
      this.#isOver = true;
    }
  }

  #ranOut(path: string, schema: Schema): boolean {
    if (this.#budget.spent <= this.#budget.limit) {
      return false;
    }
    const problem = 'validation failed due to running out of cost budget, no further validation rules will be run';
    this.#errors.push(invalid(path, typeOf(schema), problem));
    return true;
  }

  /** What the messageExpression yields, unless it fails or is not fit to print. */
  #message({ message }: CompiledRule, values: readonly Value[]): string | undefined {
    if (message === undefined) {
      return undefined;
    }
    try {
      const value = this.#evaluate(message, values);
      const text = typeof value === 'string' ? value.trim() : '';
      return text === '' || text.includes('\n') || Buffer.byteLength(text) > MESSAGE_LIMIT_BYTES ? undefined : text;
    } catch (error) {
      if (error instanceof CelError) {
        return undefined;
      }
      throw error;
    }
  }
}

function descend(ratchet: Ratchet, own: Correlation | undefined): Ratchet {
  if (ratchet.own === undefined) {
    return ratchet;
  }
  return own === undefined ? { parent: ratchet.own } : { own, parent: ratchet.own };
}

function isUnchanged({ own, parent }: Ratchet): boolean {
  return (own ?? parent)?.isUnchanged === true;
}

function evaluationProblem(error: CelError, rule: ValidationRule): string {
  if (error instanceof CostLimitError) {
    return `'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${ruleText(rule)}`;
  }
  if (error.message.startsWith('no such overload')) {
    return `'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${ruleText(rule)}`;
  }
  return `${error.message} evaluating rule: ${ruleText(rule)}`;
}

function errorFor(rule: ValidationRule, field: string, value: string, message: string): FieldError {
  switch (rule.reason) {
    case 'FieldValueForbidden':
      return forbidden(field, message);
    case 'FieldValueRequired':
      return required(field, message);
    case 'FieldValueDuplicate':
      return duplicate(field, value);
    default:
      return invalid(field, value, message);
  }
}

function defaultMessage(rule: ValidationRule): string {
  return rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`;
}

function ruleText(rule: ValidationRule): string {
  return (rule.message || rule.rule).trim();
}

/** A rule's error shows the type of the value in the value's place. */
function typeOf(schema: Schema): string {
  return schema.type ?? '';
}

import type { ASTNode } from '@marcbachmann/cel-js';
import { UnsignedInt } from '@marcbachmann/cel-js/evaluator';
import { CelCompileError, CelConstantError, CelError, noSuchKey, noSuchOverload } from './cel-error.js';
import { ACCESS_COST, bounded, LIST_COST, MAP_COST } from './cost.js';
import { attempt, boolOf, sizeOfType, type Expression, type Frame } from './expression.js';
import { overloadsOf } from './functions.js';
import { formatProblem } from './library/format-text.js';
import { toInt } from './library/operators.js';
import { compileMacro } from './macros.js';
import type { Overload } from './overload.js';
import type { Scope } from './scope.js';
import {
  BOOL,
  BYTES,
  DOUBLE,
  DYN,
  INT,
  isAssignable,
  joinTypes,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  printType,
  STRING,
  substitute,
  TYPE,
  UINT,
  type Bindings,
  type CelType,
} from './types.js';
import { EntriesMap, ListValue, MapValue, OptionalValue, sizeOf, TypeValue, Uint, type Value } from './values.js';

const TYPE_NAMES = [
  'bool',
  'bytes',
  'double',
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'int',
  'list',
  'map',
  'null_type',
  'optional_type',
  'string',
  'type',
  'uint',
];

/** Functions that are run at once when their arguments are written out. */
const CONVERSIONS = ['bool', 'bytes', 'double', 'duration', 'int', 'string', 'timestamp', 'uint'];

const BINARY_FUNCTIONS: Readonly<Record<string, string>> = {
  '==': '_==_',
  '!=': '_!=_',
  '<': '_<_',
  '<=': '_<=_',
  '>': '_>_',
  '>=': '_>=_',
  '+': '_+_',
  '-': '_-_',
  '*': '_*_',
  '/': '_/_',
  '%': '_%_',
  in: '@in',
};

/** Turns a parsed expression into one that can run, and finds its type, its errors and its cost on the way. */
export class Compiler {
  #slots: number;
  /** The variables that the expression names. */
  readonly used = new Set<string>();
  /** Within the arguments of `format`, lists and maps may mix types. */
  #allowsMixedLiterals = false;

  /**
   * @param source - The text of the expression, for error messages.
   * @param variables - How many variables there are from the start.
   */
  constructor(
    readonly source: string,
    variables: number,
  ) {
    this.#slots = variables;
  }

  /** A place for one more variable. */
  newSlot(): number {
    this.#slots += 1;
    return this.#slots - 1;
  }

  compile(node: ASTNode, scope: Scope): Expression {
    switch (node.op) {
      case 'value':
        return this.#literal(node, literalValue(node.args));
      case 'id':
        return this.#identifier(node, node.args, scope);
      case '.':
        return (
          this.#typeName(node, scope) ??
          this.#dottedVariable(node, scope) ??
          this.#select(node, this.compile(node.args[0], scope), node.args[1])
        );
      case '.?':
        return this.#optionalSelect(node, this.compile(node.args[0], scope), node.args[1]);
      case '[]':
        return this.call(node, '_[_]', false, this.#compileAll(node.args, scope));
      case '[?]':
        return this.call(node, '_[?_]', false, this.#compileAll(node.args, scope));
      case 'call': {
        const [name, args] = node.args;
        return (
          compileMacro(this, node, name, undefined, args, scope) ??
          this.call(node, name, false, this.#compileAll(args, scope))
        );
      }
      case 'rcall': {
        const [name, receiver, args] = node.args;
        return (
          compileMacro(this, node, name, receiver, args, scope) ?? this.#methodCall(node, name, receiver, args, scope)
        );
      }
      case 'list':
        return this.#list(node.args, scope);
      case 'map':
        return this.#map(node.args, scope);
      case '?:':
        return this.#conditional(node, this.#compileAll(node.args, scope));
      case '&&':
        return this.#logical(node, '_&&_', node.args, scope, false);
      case '||':
        return this.#logical(node, '_||_', node.args, scope, true);
      case '!_':
        return this.call(node, '!_', false, [this.compile(node.args, scope)]);
      case '-_':
        return this.#negation(node, node.args, scope);
      default:
        return this.call(node, BINARY_FUNCTIONS[node.op] ?? node.op, false, this.#compileAll(node.args, scope));
    }
  }

  error(node: ASTNode, problem: string): CelCompileError {
    return new CelCompileError(problem, this.source, node.pos);
  }

  /** An expression that must be a bool, or may turn out to be one. */
  predicate(node: ASTNode, scope: Scope, operator: string): Expression {
    const expression = this.compile(node, scope);
    if (!isAssignable(BOOL, expression.type, new Map())) {
      throw this.#noOverload(node, operator, false, [BOOL, expression.type]);
    }
    return expression;
  }

  call(node: ASTNode, name: string, isMethod: boolean, args: readonly Expression[]): Expression {
    const overloads = overloadsOf(name, isMethod);
    if (overloads === undefined) {
      throw this.error(node, `undeclared reference to '${name}' (in container '')`);
    }
    const candidates = overloads.flatMap((overload) => matching(overload, args));
    const [first] = candidates;
    if (first === undefined) {
      throw this.#noOverload(
        node,
        name,
        isMethod,
        args.map(({ type }) => type),
      );
    }
    const sizes = args.map(({ type }) => sizeOfType(type));
    const callCost = Math.max(...candidates.map(({ overload }) => costOf(overload, sizes)));
    const size = bounded(Math.max(...candidates.map(({ overload }) => overload.size?.(sizes) ?? Infinity)));
    const type = candidates.every((candidate) => isSameType(candidate.result, first.result)) ? first.result : DYN;
    const choices = candidates.map(({ overload }) => overload);
    this.#checkLiterals(node, name, args, choices);
    return {
      type:
        type.maxSize === undefined && candidates.some(({ overload }) => overload.size)
          ? { ...type, maxSize: size }
          : type,
      cost: bounded(args.reduce((sum, { cost }) => sum + cost, callCost)),
      run: (frame) => callFirst(choices, args, frame),
    };
  }

  #compileAll(nodes: readonly ASTNode[], scope: Scope): Expression[] {
    return nodes.map((node) => this.compile(node, scope));
  }

  #literal(node: ASTNode, value: Value): Expression {
    if (typeof value === 'bigint' && BigInt.asIntN(64, value) !== value) {
      throw this.error(node, 'invalid int literal');
    }
    return { type: literalType(value), cost: 0, literal: value, run: () => value };
  }

  #identifier(node: ASTNode, name: string, scope: Scope): Expression {
    const variable = scope.get(name);
    if (variable === undefined) {
      return this.#typeConstant(name) ?? this.#undeclared(node, name);
    }
    this.used.add(name);
    const { slot, type } = variable;
    return {
      type,
      cost: ACCESS_COST,
      run: ({ variables, budget }) => {
        budget.spend(ACCESS_COST);
        const value = variables[slot];
        if (value === undefined) {
          throw new CelError(`no such attribute(s): ${name}`);
        }
        return value;
      },
    };
  }

  #undeclared(node: ASTNode, name: string): never {
    throw this.error(node, `undeclared reference to '${name}' (in container '')`);
  }

  #typeConstant(name: string): Expression | undefined {
    if (!TYPE_NAMES.includes(name)) {
      return undefined;
    }
    const value = new TypeValue(name);
    return { type: TYPE, cost: ACCESS_COST, literal: value, run: () => value };
  }

  /** `google.protobuf.Timestamp` is a name, not a field of a field. */
  #typeName(node: ASTNode, scope: Scope): Expression | undefined {
    const path = dottedName(node);
    const root = path?.split('.')[0];
    return path === undefined || root === undefined || scope.get(root) !== undefined
      ? undefined
      : this.#typeConstant(path);
  }

  /** `authorizer.requestResource` is a variable of its own, not a field of `authorizer`. */
  #dottedVariable(node: ASTNode, scope: Scope): Expression | undefined {
    const path = dottedName(node);
    return path === undefined || scope.get(path) === undefined ? undefined : this.#identifier(node, path, scope);
  }

  #select(node: ASTNode, operand: Expression, field: string): Expression {
    return {
      type: this.fieldType(node, operand.type, field),
      cost: bounded(operand.cost + ACCESS_COST),
      run: (frame) => {
        const value = operand.run(frame);
        frame.budget.spend(ACCESS_COST);
        return selectField(value, field);
      },
    };
  }

  #optionalSelect(node: ASTNode, operand: Expression, field: string): Expression {
    const type = this.fieldType(node, operand.type, field);
    return {
      type: type.kind === 'optional' ? type : optionalOf(type),
      cost: bounded(operand.cost + ACCESS_COST),
      run: (frame) => {
        const value = operand.run(frame);
        frame.budget.spend(ACCESS_COST);
        return selectOptionally(value, field);
      },
    };
  }

  /** @throws {@link CelCompileError} when values of the type have no such field. */
  fieldType(node: ASTNode, type: CelType, field: string): CelType {
    switch (type.kind) {
      case 'dyn':
        return DYN;
      case 'map':
        return type.value;
      case 'optional': {
        const inner = this.fieldType(node, type.value, field);
        return inner.kind === 'optional' ? inner : optionalOf(inner);
      }
      case 'object': {
        const fieldType = type.fields.get(field);
        if (fieldType === undefined) {
          throw this.error(node, `undefined field '${field}'`);
        }
        return fieldType;
      }
      default:
        throw this.error(node, `type '${printType(type)}' does not support field selection`);
    }
  }

  #methodCall(node: ASTNode, name: string, receiver: ASTNode, args: readonly ASTNode[], scope: Scope): Expression {
    const namespace = dottedName(receiver);
    const isNamespace = namespace !== undefined && scope.get(namespace.split('.')[0] ?? '') === undefined;
    if (isNamespace && overloadsOf(`${namespace}.${name}`, false) !== undefined) {
      return this.call(node, `${namespace}.${name}`, false, this.#compileAll(args, scope));
    }
    if (name !== 'format') {
      return this.call(node, name, true, this.#compileAll([receiver, ...args], scope));
    }
    const before = this.#allowsMixedLiterals;
    this.#allowsMixedLiterals = true;
    const compiled = this.#compileAll([receiver, ...args], scope);
    this.#allowsMixedLiterals = before;
    return this.call(node, name, true, compiled);
  }

  #list(nodes: readonly ASTNode[], scope: Scope): Expression {
    const items = this.#compileAll(nodes, scope);
    const element = this.#commonType(nodes, items);
    return {
      type: listOf(element, items.length),
      elements: items.map(({ type }) => type),
      cost: bounded(items.reduce((sum, { cost }) => sum + cost, LIST_COST)),
      run: (frame) => {
        frame.budget.spend(LIST_COST);
        return new ListValue(items.map((item) => item.run(frame)));
      },
    };
  }

  #map(nodes: readonly (readonly [ASTNode, ASTNode])[], scope: Scope): Expression {
    const keyNodes = nodes.map(([key]) => key);
    const valueNodes = nodes.map(([, value]) => value);
    const keys = this.#compileAll(keyNodes, scope);
    const values = this.#compileAll(valueNodes, scope);
    return {
      type: mapOf(this.#commonType(keyNodes, keys), this.#commonType(valueNodes, values), keys.length),
      cost: bounded([...keys, ...values].reduce((sum, { cost }) => sum + cost, MAP_COST)),
      run: (frame) => {
        frame.budget.spend(MAP_COST);
        return new EntriesMap(keys.map((key, position) => [key.run(frame), values[position]?.run(frame) ?? null]));
      },
    };
  }

  /** The type of all elements of a literal; dyn when there are none. */
  #commonType(nodes: readonly ASTNode[], items: readonly Expression[]): CelType {
    const [first, ...rest] = items;
    let common = first?.type ?? DYN;
    for (const [position, { type }] of rest.entries()) {
      const node = nodes[position + 1];
      if (node !== undefined && !this.#allowsMixedLiterals && !isSameType(common, type)) {
        throw this.error(node, `expected type '${printType(common)}' but found '${printType(type)}'`);
      }
      common = joinTypes(common, type) ?? DYN;
    }
    return common;
  }

  #conditional(node: ASTNode, [condition, consequent, alternative]: readonly Expression[]): Expression {
    if (condition === undefined || consequent === undefined || alternative === undefined) {
      throw this.error(node, 'invalid conditional');
    }
    const type = joinTypes(consequent.type, alternative.type);
    if (type === undefined || !isAssignable(BOOL, condition.type, new Map())) {
      const types = [condition.type, consequent.type, alternative.type];
      throw this.#noOverload(node, '_?_:_', false, types);
    }
    return {
      type,
      cost: bounded(condition.cost + Math.max(consequent.cost, alternative.cost)),
      run: (frame) => (boolOf(condition.run(frame)) ? consequent : alternative).run(frame),
    };
  }

  /** `&&` and `||` take an error on one side when the other side decides. */
  #logical(
    node: ASTNode,
    operator: string,
    [leftNode, rightNode]: readonly [ASTNode, ASTNode],
    scope: Scope,
    decisive: boolean,
  ): Expression {
    const left = this.compile(leftNode, scope);
    const right = this.compile(rightNode, scope);
    if (!isAssignable(BOOL, left.type, new Map()) || !isAssignable(BOOL, right.type, new Map())) {
      throw this.#noOverload(node, operator, false, [left.type, right.type]);
    }
    return {
      type: BOOL,
      cost: bounded(left.cost + right.cost),
      run: (frame) => {
        const first = attempt(left, frame);
        if (first === decisive) {
          return decisive;
        }
        const second = boolOrError(attempt(right, frame));
        if (second === decisive) {
          return decisive;
        }
        return boolOf(first) === decisive || boolOf(second) === decisive ? decisive : !decisive;
      },
    };
  }

  #negation(node: ASTNode, operand: ASTNode, scope: Scope): Expression {
    if (operand.op === 'value' && typeof operand.args === 'bigint') {
      return this.#literal(node, toInt(-operand.args));
    }
    return this.call(node, '-_', false, [this.compile(operand, scope)]);
  }

  /** What is written out is checked before the expression ever runs: patterns, formats, conversions of constants. */
  #checkLiterals(node: ASTNode, name: string, args: readonly Expression[], overloads: readonly Overload[]): void {
    const [first, second] = args;
    if (name === 'format' && typeof first?.literal === 'string' && second?.elements !== undefined) {
      const problem = formatProblem(first.literal, second.elements);
      if (problem !== undefined) {
        throw this.error(node, problem);
      }
    }
    const literals =
      name === 'matches' ? ['', second?.literal] : CONVERSIONS.includes(name) ? args.map(({ literal }) => literal) : [];
    if (!literals.every((literal) => literal !== undefined)) {
      return;
    }
    try {
      for (const overload of overloads) {
        overload.call(literals);
      }
    } catch (error) {
      if (!(error instanceof CelError)) {
        throw error;
      }
      if (['matches', 'duration', 'timestamp'].includes(name)) {
        throw this.error(node, `invalid ${name} argument`);
      }
      throw new CelConstantError(error.message);
    }
  }

  #noOverload(node: ASTNode, name: string, isMethod: boolean, types: readonly CelType[]): CelCompileError {
    const [receiver = DYN, ...rest] = types;
    const printed = isMethod
      ? `${printType(receiver)}.(${rest.map(printType).join(', ')})`
      : `(${types.map(printType).join(', ')})`;
    return this.error(node, `found no matching overload for '${name}' applied to '${printed}'`);
  }
}

/** The overload with its result type, when the arguments can be meant for it. */
function matching(overload: Overload, args: readonly Expression[]): { overload: Overload; result: CelType }[] {
  const { parameters, result } = overload;
  const bindings: Bindings = new Map();
  const fits =
    parameters.length === args.length &&
    parameters.every(({ type }, position) => isAssignable(type, args[position]?.type ?? DYN, bindings));
  return fits ? [{ overload, result: substitute(result, bindings) }] : [];
}

function callFirst(overloads: readonly Overload[], args: readonly Expression[], frame: Frame): Value {
  const values = args.map((arg) => arg.run(frame));
  for (const overload of overloads) {
    frame.budget.spend(overload.cost === undefined ? 1 : costOf(overload, values.map(sizeOf)));
    if (overload.copying) frame.budget.spend(overload.copying(values.map(sizeOf)));
    const result = overload.call(values);
    if (result !== undefined) {
      return result;
    }
  }
  throw noSuchOverload();
}

function costOf(overload: Overload, sizes: readonly number[]): number {
  return overload.cost === undefined ? 1 : bounded(Math.ceil(overload.cost(sizes)));
}

function isSameType(a: CelType, b: CelType): boolean {
  return a === b || printType(a) === printType(b);
}

/** A field of an object or an entry of a map. */
function selectField(value: Value, field: string): Value {
  if (value instanceof MapValue) {
    const selected = value.get(field);
    if (selected === undefined) {
      throw noSuchKey(field);
    }
    return selected;
  }
  if (value instanceof OptionalValue) {
    return selectOptionally(value, field);
  }
  throw noSuchOverload();
}

function selectOptionally(value: Value, field: string): OptionalValue {
  const target = value instanceof OptionalValue ? value.value : value;
  if (target === undefined) {
    return OptionalValue.none;
  }
  if (!(target instanceof MapValue)) {
    throw noSuchOverload();
  }
  const selected = target.get(field);
  return selected === undefined ? OptionalValue.none : OptionalValue.of(selected);
}

function boolOrError(value: Value | CelError): boolean | CelError {
  return value instanceof CelError || typeof value === 'boolean' ? value : noSuchOverload();
}

/** `a.b.c`, when the node is nothing but names. */
function dottedName(node: ASTNode): string | undefined {
  if (node.op === 'id') {
    return node.args;
  }
  if (node.op !== '.') {
    return undefined;
  }
  const operand = dottedName(node.args[0]);
  return operand === undefined ? undefined : `${operand}.${node.args[1]}`;
}

type Literal = Extract<ASTNode, { op: 'value' }>['args'];

function literalValue(literal: Literal): Value {
  return literal instanceof UnsignedInt ? new Uint(literal.value) : literal;
}

function literalType(value: Value): CelType {
  switch (typeof value) {
    case 'string':
      return { ...STRING, maxSize: Buffer.byteLength(value) };
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    default:
      return value === null ? NULL : value instanceof Uint ? UINT : { ...BYTES, maxSize: sizeOf(value) };
  }
}

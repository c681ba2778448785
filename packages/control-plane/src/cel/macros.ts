import type { ASTNode } from '@marcbachmann/cel-js';
import { CelError, noSuchOverload } from './cel-error.js';
import type { Compiler } from './compiler.js';
import { ACCESS_COST, bounded, LIST_COST, MAP_COST } from './cost.js';
import { attempt, boolOf, sizeOfType, type Expression, type Frame } from './expression.js';
import type { Scope } from './scope.js';
import { BOOL, DYN, INT, listOf, mapOf, optionalOf, printType, type CelType } from './types.js';
import { EntriesMap, equal, ListValue, MapValue, OptionalValue, printValue, type Value } from './values.js';

/** Expressions over each element of a list or map, and the others that are no function calls. */
interface Macro {
  compile(call: MacroCall): Expression;
}

interface MacroCall {
  readonly compiler: Compiler;
  readonly node: ASTNode;
  readonly receiver: ASTNode;
  readonly args: readonly ASTNode[];
  readonly scope: Scope;
}

/** Macros by name and number of arguments; the receiver is not counted. */
const MACROS: Readonly<Record<string, Macro>> = {
  'all/2': { compile: (call) => quantifier(call, 1, false) },
  'all/3': { compile: (call) => quantifier(call, 2, false) },
  'exists/2': { compile: (call) => quantifier(call, 1, true) },
  'exists/3': { compile: (call) => quantifier(call, 2, true) },
  'exists_one/2': { compile: (call) => existsOne(call, 1) },
  'exists_one/3': { compile: (call) => existsOne(call, 2) },
  'existsOne/3': { compile: (call) => existsOne(call, 2) },
  'map/2': { compile: (call) => mapList(call, 1) },
  'map/3': { compile: (call) => mapList(call, 1) },
  'filter/2': { compile: filter },
  'transformList/3': { compile: (call) => mapList(call, 2) },
  'transformList/4': { compile: (call) => mapList(call, 2) },
  'transformMap/3': { compile: (call) => transformMap(call, false) },
  'transformMap/4': { compile: (call) => transformMap(call, false) },
  'transformMapEntry/3': { compile: (call) => transformMap(call, true) },
  'transformMapEntry/4': { compile: (call) => transformMap(call, true) },
  'optMap/2': { compile: (call) => mapOptional(call, false) },
  'optFlatMap/2': { compile: (call) => mapOptional(call, true) },
};

/** Compiles the call when it is one of a macro. */
export function compileMacro(
  compiler: Compiler,
  node: ASTNode,
  name: string,
  receiver: ASTNode | undefined,
  args: readonly ASTNode[],
  scope: Scope,
): Expression | undefined {
  if (receiver === undefined) {
    return name === 'has' && args.length === 1 ? presence(compiler, args[0] ?? node, scope) : undefined;
  }
  const macro = MACROS[`${name}/${args.length}`];
  return macro?.compile({ compiler, node, receiver, args, scope });
}

/** `has(self.x)`: whether a field is set. */
function presence(compiler: Compiler, node: ASTNode, scope: Scope): Expression {
  if (node.op !== '.') {
    throw compiler.error(node, 'invalid argument to has() macro');
  }
  const [operandNode, field] = node.args;
  const operand = compiler.compile(operandNode, scope);
  compiler.fieldType(node, operand.type, field);
  return {
    type: BOOL,
    cost: operand.cost,
    run: (frame) => {
      const value = operand.run(frame);
      const target = value instanceof OptionalValue ? value.value : value;
      if (target === undefined) {
        return false;
      }
      if (!(target instanceof MapValue)) {
        throw noSuchOverload();
      }
      return target.get(field) !== undefined;
    },
  };
}

/** What a macro iterates over: the range, and the body's scope with the variables for an element. */
interface Iteration {
  readonly range: Expression;
  readonly scope: Scope;
  /** The type of a single variable: elements of a list, keys of a map. */
  readonly elementType: CelType;
  readonly keyType: CelType;
  readonly size: number;
  /** Calls back with the variables set, for each element until it returns false. */
  each(frame: Frame, visit: (element: Value, key: Value) => boolean): void;
}

function iterate({ compiler, receiver, args, scope, node }: MacroCall, variables: 1 | 2): Iteration {
  const range = compiler.compile(receiver, scope);
  const { key, value } = rangeTypes(compiler, node, range.type);
  const single = range.type.kind === 'map' ? key : value;
  const names = args.slice(0, variables).map((arg) => variableName(compiler, arg));
  const [first = '', second] = names;
  const firstSlot = compiler.newSlot();
  const secondSlot = compiler.newSlot();
  const inner =
    second === undefined
      ? scope.with(first, single, firstSlot)
      : scope.with(first, key, firstSlot).with(second, value, secondSlot);
  return {
    range,
    scope: inner,
    elementType: single,
    keyType: key,
    size: sizeOfType(range.type),
    each: (frame, visit) => {
      for (const [entryKey, entry] of entriesOf(range.run(frame), variables)) {
        frame.budget.spend(3 * ACCESS_COST);
        frame.variables[firstSlot] = variables === 1 ? entry : entryKey;
        frame.variables[secondSlot] = entry;
        if (!visit(entry, entryKey)) {
          return;
        }
      }
    },
  };
}

function rangeTypes(compiler: Compiler, node: ASTNode, type: CelType): { key: CelType; value: CelType } {
  switch (type.kind) {
    case 'list':
      return { key: INT, value: type.element };
    case 'map':
      return { key: type.key, value: type.value };
    case 'dyn':
      return { key: DYN, value: DYN };
    default:
      throw compiler.error(
        node,
        `expression of type '${printType(type)}' cannot be range of a comprehension (must be list, map, or dynamic)`,
      );
  }
}

/** Index and element of lists; key and value of maps, or the key for both where there is one variable. */
function* entriesOf(range: Value, variables: 1 | 2): Iterable<readonly [Value, Value]> {
  if (range instanceof ListValue) {
    let position = 0n;
    for (const item of range.items) {
      yield [position, item];
      position += 1n;
    }
  } else if (range instanceof MapValue) {
    for (const key of range.keys()) {
      yield [key, variables === 1 ? key : (range.get(key) ?? null)];
    }
  } else {
    throw noSuchOverload();
  }
}

function variableName(compiler: Compiler, node: ASTNode): string {
  if (node.op !== 'id') {
    throw compiler.error(node, 'argument must be a simple name');
  }
  return node.args;
}

function argument(call: MacroCall, position: number): ASTNode {
  const node = call.args.at(position);
  if (node === undefined) {
    throw call.compiler.error(call.node, 'missing argument');
  }
  return node;
}

/** `all` and `exists`: an error of one element does not matter when another element decides. */
function quantifier(call: MacroCall, variables: 1 | 2, decisive: boolean): Expression {
  const iteration = iterate(call, variables);
  const predicate = call.compiler.predicate(argument(call, -1), iteration.scope, decisive ? '_||_' : '_&&_');
  const stepCost = (decisive ? 4 : 3) + predicate.cost;
  return {
    type: BOOL,
    cost: bounded(iteration.range.cost + iteration.size * stepCost + ACCESS_COST),
    run: (frame) => {
      let failure: CelError | undefined;
      let decided = false;
      iteration.each(frame, () => {
        const holds = attempt(predicate, frame);
        if (holds === decisive) {
          decided = true;
        } else if (typeof holds !== 'boolean') {
          failure ??= holds instanceof CelError ? holds : noSuchOverload();
        }
        return !decided;
      });
      if (!decided && failure !== undefined) {
        throw failure;
      }
      return decided ? decisive : !decisive;
    },
  };
}

function existsOne(call: MacroCall, variables: 1 | 2): Expression {
  const iteration = iterate(call, variables);
  const predicate = call.compiler.predicate(argument(call, -1), iteration.scope, '_?_:_');
  return {
    type: BOOL,
    cost: bounded(iteration.range.cost + iteration.size * (2 + predicate.cost) + 2),
    run: (frame) => {
      let count = 0;
      iteration.each(frame, () => {
        count += boolOf(predicate.run(frame)) ? 1 : 0;
        return true;
      });
      return count === 1;
    },
  };
}

/** `map` and `transformList`, the last argument of which makes the elements; one before it chooses them. */
function mapList(call: MacroCall, variables: 1 | 2): Expression {
  const iteration = iterate(call, variables);
  const condition = conditionOf(call, variables, iteration);
  const transform = call.compiler.compile(argument(call, -1), iteration.scope);
  const stepCost = LIST_COST + 2 + transform.cost + (condition?.cost ?? 0);
  return {
    type: listOf(transform.type, iteration.size),
    cost: bounded(iteration.range.cost + LIST_COST + iteration.size * stepCost + ACCESS_COST),
    run: (frame) => {
      const items: Value[] = [];
      iteration.each(frame, () => {
        if (condition === undefined || boolOf(condition.run(frame))) {
          frame.budget.spend(LIST_COST);
          items.push(transform.run(frame));
        }
        return true;
      });
      return new ListValue(items);
    },
  };
}

function filter(call: MacroCall): Expression {
  const iteration = iterate(call, 1);
  const predicate = call.compiler.predicate(argument(call, -1), iteration.scope, '_?_:_');
  const stepCost = LIST_COST + 3 + predicate.cost;
  return {
    type: listOf(iteration.elementType, iteration.size),
    cost: bounded(iteration.range.cost + LIST_COST + iteration.size * stepCost + ACCESS_COST),
    run: (frame) => {
      const items: Value[] = [];
      iteration.each(frame, (element) => {
        if (boolOf(predicate.run(frame))) {
          frame.budget.spend(LIST_COST);
          items.push(element);
        }
        return true;
      });
      return new ListValue(items);
    },
  };
}

/** `transformMap` makes new values for the keys, `transformMapEntry` new entries. */
function transformMap(call: MacroCall, makesEntries: boolean): Expression {
  const iteration = iterate(call, 2);
  const condition = conditionOf(call, 2, iteration);
  const transform = call.compiler.compile(argument(call, -1), iteration.scope);
  const entryType = transform.type.kind === 'map' ? transform.type : undefined;
  if (makesEntries && entryType === undefined && transform.type.kind !== 'dyn') {
    throw call.compiler.error(call.node, `expected type 'map' but found '${printType(transform.type)}'`);
  }
  const stepCost = MAP_COST + 2 + transform.cost + (condition?.cost ?? 0);
  return {
    type: makesEntries
      ? mapOf(entryType?.key ?? DYN, entryType?.value ?? DYN, iteration.size)
      : mapOf(iteration.keyType, transform.type, iteration.size),
    cost: bounded(iteration.range.cost + MAP_COST + iteration.size * stepCost + ACCESS_COST),
    run: (frame) => {
      const entries: (readonly [Value, Value])[] = [];
      iteration.each(frame, (_, key) => {
        if (condition === undefined || boolOf(condition.run(frame))) {
          frame.budget.spend(ACCESS_COST);
          const result = transform.run(frame);
          entries.push(...(makesEntries ? entriesOf(result, 2) : [[key, result] as const]));
        }
        return true;
      });
      const map = new EntriesMap(entries);
      if (map.size < entries.length) {
        throw new CelError(`insert failed: key ${printValue(repeatedKey(entries))} already exists`);
      }
      return map;
    },
  };
}

function repeatedKey(entries: readonly (readonly [Value, Value])[]): Value {
  const keys = entries.map(([key]) => key);
  return keys.find((key, position) => keys.slice(0, position).some((earlier) => equal(earlier, key))) ?? null;
}

/** The optional argument between the variables and the last one. */
function conditionOf(call: MacroCall, variables: 1 | 2, { scope }: Iteration): Expression | undefined {
  return call.args.length === variables + 2
    ? call.compiler.predicate(argument(call, variables), scope, '_?_:_')
    : undefined;
}

/** `optMap` and `optFlatMap`: the body sees the value, if there is one. */
function mapOptional({ compiler, node, receiver, args, scope }: MacroCall, bodyIsOptional: boolean): Expression {
  const target = compiler.compile(receiver, scope);
  const [nameNode, bodyNode] = args;
  const { type } = target;
  if (nameNode === undefined || bodyNode === undefined || (type.kind !== 'optional' && type.kind !== 'dyn')) {
    throw compiler.error(node, `found no matching overload for 'hasValue' applied to '${printType(type)}.()'`);
  }
  const slot = compiler.newSlot();
  const valueType = type.kind === 'optional' ? type.value : DYN;
  const body = compiler.compile(bodyNode, scope.with(variableName(compiler, nameNode), valueType, slot));
  return {
    type: bodyIsOptional ? body.type : optionalOf(body.type),
    cost: bounded(target.cost * 2 + body.cost + 3),
    run: (frame) => {
      const optional = target.run(frame);
      if (!(optional instanceof OptionalValue)) {
        throw noSuchOverload();
      }
      if (optional.value === undefined) {
        return OptionalValue.none;
      }
      frame.variables[slot] = optional.value;
      const result = body.run(frame);
      return bodyIsOptional ? result : OptionalValue.of(result);
    },
  };
}

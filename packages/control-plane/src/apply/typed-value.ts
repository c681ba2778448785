import { isJsonObject } from '../object.js';
import { formOf, type FieldType, type ListType, type MapType, type ScalarType } from './field-type.js';
import { formatPlain, formatSyntax, formatType, quote } from './go-format.js';
import {
  fieldElement,
  indexElement,
  printPath,
  printPathElement,
  valueElement,
  type PathElement,
} from './path-element.js';

/** Thrown for a value that does not have the type its schema declares; the message is the API server's. */
export class TypeMismatchError extends Error {
  override readonly name = 'TypeMismatchError';

  constructor(readonly problems: readonly string[]) {
    super(problems.length === 1 ? problems[0] : ['errors:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
  }
}

/** What keeps an item from being addressed in its list; the message lacks the list's path. */
export class ListItemError extends Error {
  override readonly name = 'ListItemError';
}

/**
 * Checks that a value has its type: forms, declared fields, keys of list items.
 * @param allowDuplicates - Sets and keyed lists may hold an item twice, as stored objects may.
 * @param known - A value that has the type: parts that are also in it, at the same place, are not looked at again.
 * @throws {@link TypeMismatchError} listing what is wrong.
 */
export function checkType(type: FieldType, value: unknown, allowDuplicates: boolean, known?: unknown): void {
  const checker = new TypeChecker(allowDuplicates);
  checker.check(type, value, known);
  if (checker.problems.length > 0) throw new TypeMismatchError(checker.problems);
}

class TypeChecker {
  readonly problems: string[] = [];
  readonly #path: PathElement[] = [];

  constructor(private readonly allowDuplicates: boolean) {}

  check(type: FieldType, value: unknown, known: unknown): void {
    if (value === null || (value === known && typeof value === 'object')) return;
    const form = formOf(type, value);
    if (form === 'map' && type.map !== undefined) this.#checkMap(type.map, value, known);
    if (form === 'list' && type.list !== undefined) this.#checkList(type.list, value, known);
    if (form === 'scalar' && type.scalar !== undefined) this.#checkScalar(type.scalar, value);
  }

  #checkScalar(type: ScalarType, value: unknown): void {
    const problem = scalarProblem(type, value);
    if (problem !== undefined) this.#report(problem);
  }

  #checkMap(map: MapType, value: unknown, known: unknown): void {
    if (!isJsonObject(value)) return this.#report(`expected map, got &{${formatPlain(value)}}`);
    const knownFields = isJsonObject(known) ? known : undefined;
    for (const key of Object.keys(value)) {
      const field = map.field(key);
      this.#path.push(field?.element ?? fieldElement(key));
      if (field === undefined) this.#report('field not declared in schema');
      else this.check(field.type, value[key], knownFields?.[key]);
      this.#path.pop();
      // The API server reports the first undeclared field of an object only.
      if (field === undefined) return;
    }
  }

  #checkList(list: ListType, value: unknown, known: unknown): void {
    if (!Array.isArray(value)) return this.#report(`expected list, got &{${formatPlain(value)}}`);
    const knownItems: readonly unknown[] = Array.isArray(known) ? known : [];
    const seen = new Set<PathElement>();
    for (let index = 0; index < value.length; index++) {
      const item: unknown = value[index];
      const element = list.atomic ? indexElement(index) : this.#itemElement(list, item, index);
      if (element === undefined) return;
      if (!list.atomic && !this.allowDuplicates) {
        if (seen.has(element)) this.#report(`duplicate entries for key ${printPathElement(element)}`);
        seen.add(element);
      }
      this.#path.push(element);
      this.check(list.items, item, knownItems[index]);
      this.#path.pop();
    }
  }

  #itemElement(list: ListType, item: unknown, index: number): PathElement | undefined {
    try {
      return itemElement(list, item);
    } catch (error) {
      if (!(error instanceof ListItemError)) throw error;
      this.#report(`element ${index}: ${error.message}`);
      return undefined;
    }
  }

  #report(problem: string): void {
    this.problems.push(this.#path.length === 0 ? problem : `${printPath(this.#path)}: ${problem}`);
  }
}

function scalarProblem(type: ScalarType, value: unknown): string | undefined {
  switch (type) {
    case 'numeric':
      return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${formatType(value)}`;
    case 'string':
      return typeof value === 'string'
        ? undefined
        : `expected string, got &value.valueUnstructured{Value:${formatSyntax(value)}}`;
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `expected boolean, got &{${formatPlain(value)}}`;
    case 'untyped':
      return typeof value === 'object' ? `expected any scalar, got &{${formatPlain(value)}}` : undefined;
  }
}

/**
 * The path element of an item of a list that is not atomic.
 * @throws {@link ListItemError} when the item cannot be told from others: not of the form the list needs, no key.
 */
export function itemElement(list: ListType, item: unknown): PathElement {
  if (list.keys.length === 0) return setElement(item);
  if (item === null) throw new ListItemError('associative list with keys may not have a null element');
  if (!isJsonObject(item)) throw new ListItemError('associative list with keys may not have non-map elements');
  const element = list.itemElement(item);
  if (element !== undefined) return element;
  throw new ListItemError(
    `associative list with keys has an element that omits all key fields [${list.keys.map(quote).join(' ')}] (and doesn't have default values for any key fields)`,
  );
}

function setElement(item: unknown): PathElement {
  if (Array.isArray(item)) throw new ListItemError('not supported: associative list with lists as elements');
  if (item === null) {
    throw new ListItemError("associative list without keys has an element that's an explicit null");
  }
  if (isJsonObject(item)) throw new ListItemError("associative list without keys has an element that's a map type");
  return valueElement(item);
}

import { isJsonObject } from '../object.js';
import { parsePathElement, sortPathElements, type PathElement } from './path-element.js';

/** Thrown for a `fieldsV1` that is no field set. */
export class FieldSetError extends Error {
  override readonly name = 'FieldSetError';
}

/**
 * A set of fields of an object: what one manager owns, what a write changed.
 *
 * A tree by path element. A field that is in the set is a member of its parent's node; a field with fields below it in
 * the set is a child. It may be both (`.` in `fieldsV1`), or a child only: owning `spec.x` is not owning `spec`.
 *
 * Build one with {@link FieldSet.insert}; the other operations return new sets, which share nodes with their arguments.
 */
export class FieldSet {
  readonly members = new Set<PathElement>();
  readonly children = new Map<PathElement, FieldSet>();

  static of(...paths: readonly (readonly PathElement[])[]): FieldSet {
    const set = new FieldSet();
    for (const path of paths) set.insert(path);
    return set;
  }

  /**
   * Reads `fieldsV1`.
   * @throws {@link FieldSetError} or {@link PathElementError} when it is malformed.
   */
  static fromFieldsV1(fields: unknown): FieldSet {
    if (!isJsonObject(fields)) throw new FieldSetError('fieldsV1 is not an object');
    const set = new FieldSet();
    for (const [key, below] of Object.entries(fields)) {
      if (key === '.') continue;
      const element = parsePathElement(key);
      if (element === undefined) continue;
      const child = FieldSet.fromFieldsV1(below);
      if (child.isEmpty || Object.hasOwn(Object(below), '.')) set.members.add(element);
      if (!child.isEmpty) set.children.set(element, child);
    }
    return set;
  }

  /** The set as `fieldsV1` has it, keys in canonical order. */
  toFieldsV1(): Record<string, unknown> {
    return this.#write({});
  }

  #write(fields: Record<string, unknown>): Record<string, unknown> {
    for (const element of this.#elements()) {
      const child = this.children.get(element);
      const below = child !== undefined && this.members.has(element) ? { '.': {} } : {};
      fields[element] = child === undefined ? below : child.#write(below);
    }
    return fields;
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && this.children.size === 0;
  }

  /** Adds a field. The whole object, the empty path, cannot be owned: it is ignored. */
  insert(path: readonly PathElement[], depth = 0): void {
    const element = path[depth];
    if (element === undefined) return;
    if (depth === path.length - 1) this.members.add(element);
    else this.#descend(element).insert(path, depth + 1);
  }

  has(path: readonly PathElement[], depth = 0): boolean {
    const element = path[depth];
    if (element === undefined) return false;
    if (depth === path.length - 1) return this.members.has(element);
    return this.children.get(element)?.has(path, depth + 1) ?? false;
  }

  /** Puts a set under a field; an empty one is not kept. */
  setChild(element: PathElement, child: FieldSet): void {
    if (!child.isEmpty) this.children.set(element, child);
  }

  union(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    if (this.isEmpty) return other;
    const result = new FieldSet();
    for (const element of this.members) result.members.add(element);
    for (const element of other.members) result.members.add(element);
    for (const [element, child] of this.children) {
      const otherChild = other.children.get(element);
      result.children.set(element, otherChild === undefined ? child : child.union(otherChild));
    }
    for (const [element, child] of other.children) {
      if (!this.children.has(element)) result.children.set(element, child);
    }
    return result;
  }

  intersection(other: FieldSet): FieldSet {
    const result = new FieldSet();
    for (const element of this.members) if (other.members.has(element)) result.members.add(element);
    for (const [element, child] of this.children) {
      const otherChild = other.children.get(element);
      if (otherChild !== undefined) result.setChild(element, child.intersection(otherChild));
    }
    return result;
  }

  /** The fields that are not in `other`. What is below a field of `other` stays. */
  difference(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    const result = new FieldSet();
    for (const element of this.members) if (!other.members.has(element)) result.members.add(element);
    for (const [element, child] of this.children) {
      const otherChild = other.children.get(element);
      result.setChild(element, otherChild === undefined ? child : child.difference(otherChild));
    }
    return result;
  }

  /** The fields that are neither in `other` nor below a field of `other`. */
  without(other: FieldSet): FieldSet {
    if (other.isEmpty) return this;
    const result = new FieldSet();
    for (const element of this.members) if (!other.members.has(element)) result.members.add(element);
    for (const [element, child] of this.children) {
      if (other.members.has(element)) continue;
      const otherChild = other.children.get(element);
      result.setChild(element, otherChild === undefined ? child : child.without(otherChild));
    }
    return result;
  }

  isSubsetOf(other: FieldSet): boolean {
    for (const element of this.members) if (!other.members.has(element)) return false;
    for (const [element, child] of this.children) {
      const otherChild = other.children.get(element);
      if (otherChild === undefined || !child.isSubsetOf(otherChild)) return false;
    }
    return true;
  }

  equals(other: FieldSet): boolean {
    if (this.members.size !== other.members.size || this.children.size !== other.children.size) return false;
    for (const element of this.members) if (!other.members.has(element)) return false;
    for (const [element, child] of this.children) {
      const otherChild = other.children.get(element);
      if (otherChild === undefined || !child.equals(otherChild)) return false;
    }
    return true;
  }

  /** Every field's path, in canonical order: a node's members come before what is below them. */
  *paths(prefix: readonly PathElement[] = []): Generator<readonly PathElement[]> {
    for (const element of sortPathElements([...this.members])) yield [...prefix, element];
    for (const element of sortPathElements([...this.children.keys()])) {
      const child = this.children.get(element);
      if (child !== undefined) yield* child.paths([...prefix, element]);
    }
  }

  #descend(element: PathElement): FieldSet {
    let child = this.children.get(element);
    if (child === undefined) {
      child = new FieldSet();
      this.children.set(element, child);
    }
    return child;
  }

  #elements(): PathElement[] {
    const elements = [...this.members];
    for (const element of this.children.keys()) if (!this.members.has(element)) elements.push(element);
    return sortPathElements(elements);
  }
}

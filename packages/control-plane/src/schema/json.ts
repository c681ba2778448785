/** Tells whether two JSON values are the same, whatever the order of their keys. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) {
    return true;
  }
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    return false;
  }
  if (Array.isArray(a) || Array.isArray(b)) {
    return (
      Array.isArray(a) &&
      Array.isArray(b) &&
      a.length === b.length &&
      a.every((item, position) => jsonEqual(item, b[position]))
    );
  }
  const left = Object.entries(a);
  return (
    left.length === Object.keys(b).length &&
    left.every(([name, value]) => Object.hasOwn(b, name) && jsonEqual(value, Reflect.get(b, name)))
  );
}

/** Copies a JSON value. A key named `__proto__` stays an ordinary key. */
export function copyJson<T>(value: T): T;
export function copyJson(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((item) => copyJson<unknown>(item));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const copy = {};
  for (const [name, field] of Object.entries(value)) {
    setField(copy, name, copyJson<unknown>(field));
  }
  return copy;
}

/** Sets an own field of an object. Plain assignment to `__proto__` would replace the object's prototype instead. */
export function setField(object: object, name: string, value: unknown): void {
  if (name === '__proto__') {
    Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
  } else {
    Reflect.set(object, name, value);
  }
}

/** Reads a named schema out of `properties`; what every object inherits (`constructor`, `__proto__`) is no property. */
export function ownEntry<T>(record: { readonly [name: string]: T } | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined;
}

import { ClusterConfigError } from './errors.js';

/** A mapping of a configuration file, read field by field; a field of the wrong type is an error that names its path. */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  /** Where the mapping is: the file, then the way down. */
  readonly path: string;

  constructor(value: unknown, path: string) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new ClusterConfigError(`${path}: expected a mapping`);
    }
    this.#values = Object.fromEntries(Object.entries(value));
    this.path = path;
  }

  has(key: string): boolean {
    const value = this.#values[key];
    return value !== undefined && value !== null && value !== '';
  }

  /** A string; undefined when absent or empty. */
  text(key: string): string | undefined {
    if (!this.has(key)) return undefined;
    const value = this.#values[key];
    if (typeof value !== 'string') throw new ClusterConfigError(`${this.path}.${key}: expected a string`);
    return value;
  }

  requireText(key: string): string {
    const value = this.text(key);
    if (value === undefined) throw new ClusterConfigError(`${this.path}.${key}: is missing`);
    return value;
  }

  flag(key: string): boolean {
    const value = this.#values[key] ?? false;
    if (typeof value !== 'boolean') throw new ClusterConfigError(`${this.path}.${key}: expected true or false`);
    return value;
  }

  child(key: string): Fields | undefined {
    return this.has(key) ? new Fields(this.#values[key], `${this.path}.${key}`) : undefined;
  }

  /** A list of mappings; empty when absent. */
  list(key: string): readonly Fields[] {
    return this.#items(key).map((item, index) => new Fields(item, `${this.path}.${key}[${index}]`));
  }

  /** A list of strings; empty when absent. */
  texts(key: string): readonly string[] {
    return this.#items(key).map((item, index) => {
      if (typeof item !== 'string') throw new ClusterConfigError(`${this.path}.${key}[${index}]: expected a string`);
      return item;
    });
  }

  /** The mapping as it was read. */
  get raw(): Readonly<Record<string, unknown>> {
    return this.#values;
  }

  #items(key: string): readonly unknown[] {
    const value = this.#values[key] ?? [];
    if (!Array.isArray(value)) throw new ClusterConfigError(`${this.path}.${key}: expected a list`);
    return value;
  }
}

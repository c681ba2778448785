import { isJsonObject, type JsonObject } from '../object.js';
import { ListValue, MapValue, type Value } from './values.js';

/** Makes a CEL value of JSON without a schema: whole numbers become int, objects are converted when a field is asked for. */
export function dynamicValue(json: unknown): Value {
  if (Array.isArray(json)) return new ListValue(json.map(dynamicValue));
  if (isJsonObject(json)) return new JsonMap(json);
  if (typeof json === 'number') return Number.isInteger(json) ? BigInt(json) : json;
  return typeof json === 'string' || typeof json === 'boolean' || typeof json === 'bigint' ? json : null;
}

class JsonMap extends MapValue {
  readonly #json: JsonObject;
  readonly #converted = new Map<string, Value>();

  constructor(json: JsonObject) {
    super();
    this.#json = json;
  }

  get size(): number {
    return Object.keys(this.#json).length;
  }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string' || !Object.hasOwn(this.#json, key)) return undefined;
    let value = this.#converted.get(key);
    if (value === undefined) {
      value = dynamicValue(this.#json[key]);
      this.#converted.set(key, value);
    }
    return value;
  }

  keys(): readonly Value[] {
    return Object.keys(this.#json);
  }
}

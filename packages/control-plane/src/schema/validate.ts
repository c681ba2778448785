import { isJsonObject, type JsonObject } from '../object.js';
import type { FieldError } from '../status-error.js';
import { Correlation } from './correlation.js';
import {
  invalid,
  notSupported,
  printJson,
  printFloat,
  quote,
  required,
  tooLong,
  tooMany,
  typeInvalid,
} from './field-error.js';
import { child } from './field-path.js';
import { formatCheck } from './formats.js';
import { equalJson, ownEntry } from '../json.js';
import { matchesPattern, PatternError } from './pattern.js';
import type { Schema } from './schema.js';

export interface ValidateOptions {
  /** The value that this one replaces. */
  readonly old?: unknown;
  /** Forgives errors in parts that the update left as they were. */
  readonly ratchet?: boolean;
  /** The value is checked on its own, so that texts name fields from here on and only `field` begins with the path. */
  readonly status?: boolean;
}

/**
 * Checks a value against a schema as kube-apiserver 1.34 checks custom resources, with its texts.
 *
 * Types, formats, bounds and combinations are checked here. What the server checks apart is not: unique items of
 * lists (`listTypeErrors`), embedded resources (`embeddedResourceErrors`) and CEL rules.
 *
 * @param path - Where the value is in its object; empty for the object itself.
 * @returns The errors, in the order of the schema. A real server's order is random.
 */
export function validateValue(
  schema: Schema,
  value: unknown,
  path: string,
  options: ValidateOptions = {},
): FieldError[] {
  const base = options.status ? path : '';
  const validation = new Validation(base);
  const { old, ratchet } = options;
  const correlation = ratchet && old !== undefined ? new Correlation(schema, value, old) : undefined;
  validation.check(schema, value, options.status ? '' : path, correlation);
  return validation.errors;
}

class Validation {
  readonly errors: FieldError[] = [];
  /** How much was looked at: of several alternatives that fail, the one looked at most explains the failure best. */
  matches = 0;

  constructor(readonly base: string) {}

  /** Checks a value; its errors are dropped when an update left it as it was. */
  check(schema: Schema, value: unknown, name: string, correlation: Correlation | undefined): void {
    const before = this.errors.length;
    this.checkAll(schema, value, name, correlation);
    if (this.errors.length > before && correlation?.isUnchanged === true) {
      this.errors.length = before;
    }
  }

  checkAll(schema: Schema, value: unknown, name: string, correlation: Correlation | undefined): void {
    this.matches += 2;
    this.#type(schema, value, name);
    this.#enum(schema, value, name);
    if (value === null || value === undefined) {
      return;
    }
    this.#combinations(schema, value, name, correlation);
    if (typeof value === 'string') {
      this.#string(schema, value, name);
    } else if (typeof value === 'number' || typeof value === 'bigint') {
      this.#number(schema, value, name);
    } else if (Array.isArray(value)) {
      this.#array(schema, value, name, correlation);
    } else if (isJsonObject(value)) {
      this.#object(schema, value, name, correlation);
    }
  }

  #type(schema: Schema, value: unknown, name: string): void {
    const expected = expectedTypes(schema);
    const format = schema.format !== undefined && formatCheck(schema.format) !== undefined ? schema.format : '';
    if (expected.length === 0 && format === '') {
      return;
    }
    if (value === null || value === undefined) {
      if (expected.length > 0 && schema.nullable !== true) {
        this.#typeError(name, expected.join(','), 'null');
      } else {
        this.matches += 2;
      }
      return;
    }
    const found = typeName(value);
    const fits = expected.includes(found) || (found === 'integer' && expected.includes('number'));
    const holdsFormat = typeof value === 'string' || Array.isArray(value);
    if (format !== '' && !holdsFormat && !fits) {
      this.#typeError(name, format, numericFormat(found));
    } else if (format !== '' && holdsFormat && !expected.includes('number') && !expected.includes('integer')) {
      // A real server leaves these to the check of the format, which passes over lists.
      this.matches += 2;
    } else if (fits) {
      this.matches += 2;
    } else {
      this.#typeError(name, expected.join(','), found);
    }
  }

  #typeError(name: string, expected: string, found: string): void {
    this.errors.push(
      typeInvalid(this.#field(name), found, `${name} in body must be of type ${expected}: ${quote(found)}`),
    );
  }

  #enum(schema: Schema, value: unknown, name: string): void {
    if (schema.enum === undefined || schema.enum.some((allowed) => equalJson(allowed, value))) {
      return;
    }
    const supported = schema.enum.map((allowed) => (typeof allowed === 'string' ? allowed : printJson(allowed)));
    this.errors.push(notSupported(this.#field(name), value ?? null, supported));
  }

  #string(schema: Schema, value: string, name: string): void {
    this.matches += 1;
    const { maxLength, minLength, pattern, format } = schema;
    if (maxLength !== undefined && value.length > maxLength && characters(value) > maxLength) {
      this.errors.push(tooLong(this.#field(name), maxLength));
    } else if (minLength !== undefined && characters(value) < minLength) {
      this.#bodyError(name, value, `should be at least ${minLength} chars long`);
    } else if (pattern !== undefined && pattern !== '') {
      this.#pattern(pattern, value, name);
    }
    const hasFormat = format === undefined ? undefined : formatCheck(format);
    if (format !== undefined && hasFormat?.(value) === false) {
      const detail = `${name} in body must be of type ${format}: ${quote(value)}`;
      this.errors.push(typeInvalid(this.#field(name), value, detail));
    }
  }

  #pattern(pattern: string, value: string, name: string): void {
    try {
      if (!matchesPattern(pattern, value)) {
        this.#bodyError(name, value, `should match '${pattern}'`);
      }
    } catch (error) {
      if (!(error instanceof PatternError)) {
        throw error;
      }
      this.#bodyError(name, value, `should match '${pattern}, but pattern is invalid: ${error.message}'`);
    }
  }

  #number(schema: Schema, value: number | bigint, name: string): void {
    this.matches += 2;
    const { maximum, minimum, multipleOf } = schema;
    const number = Number(value);
    // Whole numbers are compared with whole bounds: the server cuts the fraction of a bound off.
    const bound = Number.isInteger(number) ? Math.trunc : (limit: number) => limit;
    if (multipleOf !== undefined) {
      const factor = bound(multipleOf);
      if (factor <= 0) {
        const problem = `factor MultipleOf declared for ${name} must be positive: ${printBound(number, factor)}`;
        this.errors.push(invalid(this.#field(name), factor, problem));
      } else if (!isMultiple(number, factor)) {
        this.#bodyError(name, value, `should be a multiple of ${printBound(number, factor)}`);
      }
    }
    if (maximum !== undefined) {
      const limit = bound(maximum);
      const exclusive = schema.exclusiveMaximum === true;
      if (exclusive ? number >= limit : number > limit) {
        this.#bodyError(
          name,
          value,
          `should be less than ${exclusive ? '' : 'or equal to '}${printBound(number, limit)}`,
        );
      }
    }
    if (minimum !== undefined) {
      const limit = bound(minimum);
      const exclusive = schema.exclusiveMinimum === true;
      if (exclusive ? number <= limit : number < limit) {
        const relation = `greater than ${exclusive ? '' : 'or equal to '}`;
        this.#bodyError(name, value, `should be ${relation}${printBound(number, limit)}`);
      }
    }
  }

  #array(schema: Schema, value: readonly unknown[], name: string, correlation: Correlation | undefined): void {
    this.matches += 2;
    const { items, minItems, maxItems } = schema;
    if (items !== undefined) {
      value.forEach((item, position) => {
        this.check(items, item, `${name}[${position}]`, correlation?.item(position));
      });
    }
    if (minItems !== undefined && value.length < minItems) {
      this.#bodyError(name, value.length, `should have at least ${minItems} items`);
    }
    if (maxItems !== undefined && value.length > maxItems) {
      this.errors.push(tooMany(this.#field(name), value.length, maxItems));
    }
  }

  #object(schema: Schema, value: JsonObject, name: string, correlation: Correlation | undefined): void {
    this.matches += 1;
    const { properties, additionalProperties, minProperties, maxProperties } = schema;
    if (minProperties !== undefined || maxProperties !== undefined) {
      const size = Object.keys(value).length;
      if (minProperties !== undefined && size < minProperties) {
        this.#bodyError(name, size, `should have at least ${minProperties} properties`);
      }
      if (maxProperties !== undefined && size > maxProperties) {
        this.errors.push(tooMany(this.#field(name), size, maxProperties));
      }
    }
    for (const key of Object.keys(value)) {
      const property = ownEntry(properties, key);
      if (property !== undefined) {
        this.check(property, value[key], child(name, key), propertyCorrelation(correlation, key, name));
      } else if (typeof additionalProperties === 'object') {
        // Unlike a property, a key of a map at the root prints with its dot.
        this.check(additionalProperties, value[key], `${name}.${key}`, propertyCorrelation(correlation, key, name));
      } else if (additionalProperties === false) {
        this.errors.push(invalid(this.#field(name), '', `${name}.${key} in body is a forbidden property`));
      }
    }
    for (const key of schema.required ?? []) {
      if (!Object.hasOwn(value, key)) {
        this.errors.push(required(this.#field(child(name, key))));
      }
    }
  }

  #combinations(schema: Schema, value: unknown, name: string, correlation: Correlation | undefined): void {
    this.matches += 2;
    const { anyOf, oneOf, allOf, not } = schema;
    const attempt = (branch: Schema): Validation => {
      const validation = new Validation(this.base);
      validation.checkAll(branch, value, name, correlation);
      return validation;
    };
    if (anyOf !== undefined && anyOf.length > 0) {
      this.#anyOf(anyOf.map(attempt), name);
    }
    if (oneOf !== undefined && oneOf.length > 0) {
      this.#oneOf(oneOf.map(attempt), name);
    }
    if (allOf !== undefined && allOf.length > 0) {
      this.#allOf(allOf.map(attempt), name);
    }
    if (not !== undefined && attempt(not).errors.length === 0) {
      this.#combinationError(name, 'must not validate the schema (not)');
    }
  }

  #anyOf(branches: readonly Validation[], name: string): void {
    const success = branches.find((branch) => branch.errors.length === 0);
    if (success === undefined) {
      this.#combinationError(name, 'must validate at least one schema (anyOf)');
    }
    this.#merge(success ?? bestFailure(branches));
  }

  #oneOf(branches: readonly Validation[], name: string): void {
    const successes = branches.filter((branch) => branch.errors.length === 0);
    if (successes.length === 1) {
      this.#merge(successes[0]);
    } else if (successes.length === 0) {
      this.#combinationError(name, 'must validate one and only one schema (oneOf). Found none valid');
      this.#merge(bestFailure(branches));
    } else {
      const found = `Found ${successes.length} valid alternatives`;
      this.#combinationError(name, `must validate one and only one schema (oneOf). ${found}`);
    }
  }

  #allOf(branches: readonly Validation[], name: string): void {
    for (const branch of branches) {
      this.#merge(branch);
    }
    const failed = branches.filter((branch) => branch.errors.length > 0).length;
    if (failed > 0) {
      const none = failed === branches.length ? '. None validated' : '';
      this.#combinationError(name, `must validate all the schemas (allOf)${none}`);
    }
  }

  #merge(branch: Validation | undefined): void {
    this.errors.push(...(branch?.errors ?? []));
    this.matches += branch?.matches ?? 0;
  }

  #combinationError(name: string, problem: string): void {
    this.errors.push(invalid(this.base, '', `${quote(name)} ${problem}`));
  }

  #bodyError(name: string, value: unknown, problem: string): void {
    this.errors.push(invalid(this.#field(name), value, `${name} in body ${problem}`));
  }

  #field(name: string): string {
    const path = name.startsWith('.') ? name.slice(1) : name;
    return this.base === '' || path === '' ? this.base + path : child(this.base, path);
  }
}

/** A changed apiVersion does not show, since both objects were converted to the same one: never taken as unchanged. */
function propertyCorrelation(correlation: Correlation | undefined, key: string, name: string): Correlation | undefined {
  return name === '' && (key === 'apiVersion' || key === 'kind') ? undefined : correlation?.property(key);
}

function bestFailure(branches: readonly Validation[]): Validation | undefined {
  return branches.reduce<Validation | undefined>(
    (best, branch) => (best === undefined || branch.matches > best.matches ? branch : best),
    undefined,
  );
}

const INT_OR_STRING: readonly string[] = ['integer', 'string'];
const NO_TYPES: readonly string[] = [];
const SINGLE_TYPES: Readonly<Record<string, readonly string[]>> = {
  array: ['array'],
  boolean: ['boolean'],
  integer: ['integer'],
  number: ['number'],
  object: ['object'],
  string: ['string'],
};

function expectedTypes(schema: Schema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) {
    return INT_OR_STRING;
  }
  if (schema.type === undefined || schema.type === '') {
    return NO_TYPES;
  }
  return SINGLE_TYPES[schema.type] ?? [schema.type];
}

const MAX_INT64 = 2 ** 63;

/** The JSON type of a value; whole numbers are integers as long as they fit 64 bits. */
export function typeName(value: unknown): string {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return typeof value;
    case 'number':
    case 'bigint':
      return (typeof value === 'bigint' || Number.isInteger(value)) && value >= -MAX_INT64 && value < MAX_INT64
        ? 'integer'
        : 'number';
    default:
      return value === null || value === undefined ? 'null' : Array.isArray(value) ? 'array' : 'object';
  }
}

/** The format a real server finds in a number; other values have none. */
function numericFormat(type: string): string {
  return type === 'integer' ? 'int64' : type === 'number' ? 'float64' : '';
}

function printBound(value: number, bound: number): string {
  return Number.isInteger(value) ? BigInt(bound).toString() : printFloat(bound);
}

function isMultiple(value: number, factor: number): boolean {
  const quotient = factor < 1 ? (1 / factor) * value : value / factor;
  const whole = Math.trunc(quotient);
  // 0.7 is a multiple of 0.1 although floating point divides them to 7.000000000000001.
  return quotient === whole || Math.abs(quotient - whole) / (Math.abs(quotient) + Math.abs(whole)) < 1e-9;
}

function characters(text: string): number {
  let count = 0;
  for (let position = 0; position < text.length; position += 1) {
    // The second half of a surrogate pair belongs to the character before it.
    if ((text.charCodeAt(position) & 0xfc00) !== 0xdc00) {
      count += 1;
    }
  }
  return count;
}

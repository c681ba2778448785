import { createRequire } from 'node:module';
import type * as cedarWasm from '@cedar-policy/cedar-wasm/nodejs';

type Cedar = typeof cedarWasm;
type Answer = ReturnType<Cedar['checkParsePolicySet']>;

const PACKAGE = '@cedar-policy/cedar-wasm/nodejs';

/** What came of parsing. */
export type CedarFinding =
  | { readonly state: 'sound' }
  | { readonly state: 'unsound'; readonly problem: string }
  /** The optional package that parses Cedar is not installed, so nothing was looked at. */
  | { readonly state: 'unchecked' };

/**
 * Parses Cedar policies and entities with Cedar's own parser, `@cedar-policy/cedar-wasm`, where that is installed. It is
 * loaded at the first use (some 60 ms).
 */
export class CedarParser {
  #cedar: Cedar | undefined;

  /** @param load - Gives an instance of the parser that nobody has used before; undefined when it is not installed. */
  constructor(private readonly load: () => Cedar | undefined = loadCedar) {}

  /**
   * Parses each policy, which must be exactly one, then the entities.
   *
   * @param entitiesJson - Cedar's JSON form of entities; empty for none.
   */
  parse(policies: readonly string[], entitiesJson: string): CedarFinding {
    this.#cedar ??= this.load();
    if (this.#cedar === undefined) return { state: 'unchecked' };
    for (const [index, policy] of policies.entries()) {
      const problem = this.#problemIn((cedar) => cedar.checkParsePolicySet({ staticPolicies: [policy] }));
      if (problem !== undefined) return unsound(`cedar policy at index ${index} has invalid syntax: ${problem}`);
    }
    if (entitiesJson === '') return { state: 'sound' };
    const problem = this.#problemInEntities(entitiesJson);
    return problem === undefined ? { state: 'sound' } : unsound(`entities_json is not valid: ${problem}`);
  }

  #problemInEntities(text: string): string | undefined {
    let entities;
    try {
      entities = JSON.parse(text, withoutLargeIntegers);
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    if (!Array.isArray(entities)) return 'expected a list of entities';
    // The Go library in the proxy takes attributes and parents for optional, the Rust one here does not.
    const whole = entities.map((entity) => ({ attrs: {}, parents: [], ...entity }));
    return this.#problemIn((cedar) => cedar.checkParseEntities({ entities: whole }));
  }

  #problemIn(check: (cedar: Cedar) => Answer): string | undefined {
    this.#cedar ??= this.load();
    if (this.#cedar === undefined) return undefined;
    try {
      return describe(check(this.#cedar));
    } catch (error) {
      // A text that exhausts the parser's stack leaves the instance broken for every text to come.
      this.#cedar = undefined;
      // Half of a surrogate pair, say, cannot even be handed over.
      return isExhaustion(error) ? 'it is nested too deeply' : String(Reflect.get(Object(error), 'message'));
    }
  }
}

const unsound = (problem: string): CedarFinding => ({ state: 'unsound', problem });

function describe(answer: Answer): string | undefined {
  if (answer.type === 'success') return undefined;
  const [error] = answer.errors;
  const message = (error?.message ?? 'unknown error').replace(/^failed to parse policy from string: /, '');
  const [place] = error?.sourceLocations ?? [];
  const position = place === undefined ? '' : ` at byte ${place.start}`;
  const expected = place?.label ? `, ${place.label}` : '';
  const help = error?.help ? ` (${error.help})` : '';
  return `${message}${position}${expected}${help}`;
}

/** Of the stack of JavaScript, or of the one that WebAssembly code keeps for itself. By name: the classes differ by realm. */
function isExhaustion(error: unknown): boolean {
  return ['RangeError', 'RuntimeError'].includes(String(Reflect.get(Object(error), 'name')));
}

/** Cedar's integers have 64 bits; the largest of them, read by JavaScript, would be rounded to one that is too large. */
function withoutLargeIntegers(_key: string, value: unknown): unknown {
  const isRounded = typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);
  return isRounded && Math.abs(value) <= 2 ** 63 ? 0 : value;
}

/** A CommonJS module that reads its WebAssembly from disk; out of the module cache, so that every call gives a new instance. */
function loadCedar(): Cedar | undefined {
  const require = createRequire(import.meta.url);
  let path: string;
  try {
    path = require.resolve(PACKAGE);
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  delete require.cache[path];
  const cedar: Cedar = require(path);
  return cedar;
}

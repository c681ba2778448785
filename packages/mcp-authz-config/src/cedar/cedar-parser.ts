import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
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
 * loaded at the first use, and compiled beside other work.
 */
export class CedarParser {
  #cedar: Promise<Cedar | undefined> | undefined;
  readonly #broken = new WeakSet<Cedar>();

  /** @param load - Gives an instance of the parser that nobody has used before; undefined when it is not installed. */
  constructor(private readonly load: () => Promise<Cedar | undefined> = loadCedar) {}

  /**
   * Parses each policy, which must be exactly one, then the entities.
   *
   * @param entitiesJson - Cedar's JSON form of entities; empty for none.
   */
  async parse(policies: readonly string[], entitiesJson: string): Promise<CedarFinding> {
    if ((await this.#loaded()) === undefined) return { state: 'unchecked' };
    for (const [index, policy] of policies.entries()) {
      const problem = await this.#problemIn((cedar) => cedar.checkParsePolicySet({ staticPolicies: [policy] }));
      if (problem !== undefined) return unsound(`cedar policy at index ${index} has invalid syntax: ${problem}`);
    }
    if (entitiesJson === '') return { state: 'sound' };
    const problem = await this.#problemInEntities(entitiesJson);
    return problem === undefined ? { state: 'sound' } : unsound(`entities_json is not valid: ${problem}`);
  }

  async #problemInEntities(text: string): Promise<string | undefined> {
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

  async #problemIn(check: (cedar: Cedar) => Answer): Promise<string | undefined> {
    const cedar = await this.#loaded();
    if (cedar === undefined) return undefined;
    if (this.#broken.has(cedar)) return this.#problemIn(check);
    try {
      return describe(check(cedar));
    } catch (error) {
      // A text that exhausts the parser's stack leaves the instance broken for every text to come.
      this.#broken.add(cedar);
      this.#cedar = undefined;
      // Half of a surrogate pair, say, cannot even be handed over.
      return isExhaustion(error) ? 'it is nested too deeply' : String(Reflect.get(Object(error), 'message'));
    }
  }

  /** One that cannot be loaded, from a disk that fails say, is tried again by the next who asks. */
  #loaded(): Promise<Cedar | undefined> {
    this.#cedar ??= this.load().catch((error: unknown) => {
      this.#cedar = undefined;
      throw error;
    });
    return this.#cedar;
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

/** TypeScript knows it of browsers only. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

/** The code of the parser: while it is held, V8 compiles the same bytes no second time, whoever brings them. */
let code: object | undefined;

/**
 * A CommonJS module that reads its WebAssembly from disk and compiles it in one piece; so that is done before, in threads of
 * V8's. Out of the module cache, so that every call gives a new instance.
 */
async function loadCedar(): Promise<Cedar | undefined> {
  const require = createRequire(import.meta.url);
  let path: string;
  try {
    path = require.resolve(PACKAGE);
  } catch (error) {
    if (Reflect.get(Object(error), 'code') === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
  code ??= await WebAssembly.compile(await readFile(join(dirname(path), 'cedar_wasm_bg.wasm')));
  delete require.cache[path];
  const cedar: Cedar = require(path);
  // What it runs for the first time is compiled then: a turn of the event loop of its own.
  await setImmediate();
  return cedar;
}

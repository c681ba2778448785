import type { CelType } from './types.js';

/** A variable: its type, and its place among the variables of a frame. */
export interface Variable {
  readonly type: CelType;
  readonly slot: number;
}

/** The variables an expression can see; inner ones hide outer ones of the same name. */
export class Scope {
  readonly #variables: ReadonlyMap<string, Variable>;

  constructor(variables: ReadonlyMap<string, Variable> = new Map()) {
    this.#variables = variables;
  }

  get(name: string): Variable | undefined {
    return this.#variables.get(name);
  }

  with(name: string, type: CelType, slot: number): Scope {
    return new Scope(new Map(this.#variables).set(name, { type, slot }));
  }
}

/** Code that is loaded when the first needs it, since most servers never do: it keeps their start short. */
export class LateModule<T> {
  readonly #importIt: () => Promise<T>;
  #loaded: T | undefined;

  constructor(importIt: () => Promise<T>) {
    this.#importIt = importIt;
  }

  async load(): Promise<void> {
    this.#loaded ??= await this.#importIt();
  }

  /** The code, for those who cannot wait. @throws Error when nobody has loaded it before. */
  get loaded(): T {
    if (this.#loaded === undefined) throw new Error(`${String(this.#importIt)} is used before it is loaded`);
    return this.#loaded;
  }
}

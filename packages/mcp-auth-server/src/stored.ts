/**
 * A spec as it may be in the store: written before some rule of the schema existed, so that anything can be missing.
 */
export type Stored<T> = T extends readonly (infer Item)[]
  ? readonly Stored<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]?: Stored<T[Field]> }
    : T;

/**
 * An object or part of one as it may be in the store: written before some rule of the schema existed, so that anything can
 * be missing. What is there has the type it should have, since the API server has always checked that.
 */
export type Stored<T> = T extends readonly (infer Item)[]
  ? readonly Stored<Item>[]
  : T extends object
    ? { readonly [Field in keyof T]?: Stored<T[Field]> }
    : T;

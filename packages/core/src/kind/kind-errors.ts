import { CoreError } from '../errors.js';

/** Thrown by `defineKind` when a definition could not become a CustomResourceDefinition. */
export class KindDefinitionError extends CoreError {
  override readonly code = 'ERR_KIND_INVALID';

  constructor(
    readonly kind: string,
    /** The part of the definition that is wrong: `versions.v1`. */
    readonly path: string,
    problem: string,
  ) {
    super(`${kind === '' ? 'kind' : kind} ${path}: ${problem}`);
  }
}

/** Thrown when a zod schema says something that a CustomResourceDefinition cannot say. */
export class SchemaError extends CoreError {
  override readonly code = 'ERR_SCHEMA_INVALID';

  constructor(
    readonly kind: string,
    /** The field, with `[]` for the items of a list and `{}` for the values of a map: `spec.env[].name`. */
    readonly path: string,
    problem: string,
  ) {
    super(`${kind} ${path}: ${problem}`);
  }
}

/** Throws the {@link SchemaError} of the field at hand. */
export type Refuse = (problem: string) => never;

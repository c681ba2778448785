import type { FieldProblem } from '../kind/validate-spec.js';

/** What is wrong with a field, in the words of the API server. */
export type FieldErrorType =
  | 'FieldValueDuplicate'
  | 'FieldValueForbidden'
  | 'FieldValueInvalid'
  | 'FieldValueNotFound'
  | 'FieldValueNotSupported'
  | 'FieldValueRequired'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany';

/** A {@link FieldProblem} of a certain type. Its message begins with the type and, where it may be shown, the value. */
export interface FieldError extends FieldProblem {
  readonly type: FieldErrorType;
}

/**
 * What a validator finds wrong, worded as the API server words its own findings: `spec.size: Invalid value: 0: must be
 * above 0`.
 *
 * A value that is given is shown to whoever makes the request, and is in the audit log; give `undefined` for one that
 * is secret.
 *
 * @see {@link https://pkg.go.dev/k8s.io/apimachinery/pkg/util/validation/field | field errors in apimachinery}
 */
export const fieldError = {
  required: (path: string, detail = '') => make('FieldValueRequired', path, 'Required value', detail),
  invalid: (path: string, value: unknown, detail: string) =>
    make('FieldValueInvalid', path, withValue('Invalid value', value), detail),
  notSupported: (path: string, value: unknown, supported: readonly string[]) =>
    make(
      'FieldValueNotSupported',
      path,
      withValue('Unsupported value', value),
      supported.length === 0 ? '' : `supported values: ${supported.map(quote).join(', ')}`,
    ),
  duplicate: (path: string, value: unknown) =>
    make('FieldValueDuplicate', path, withValue('Duplicate value', value), ''),
  notFound: (path: string, value: unknown) => make('FieldValueNotFound', path, withValue('Not found', value), ''),
  /** A value that is well formed and not allowed in this case. */
  forbidden: (path: string, detail: string) => make('FieldValueForbidden', path, 'Forbidden', detail),
  tooLong: (path: string, maxBytes: number) =>
    make(
      'FieldValueTooLong',
      path,
      'Too long',
      `may not be more than ${maxBytes} ${maxBytes === 1 ? 'byte' : 'bytes'}`,
    ),
  tooMany: (path: string, count: number, max: number) =>
    make('FieldValueTooMany', path, `Too many: ${count}`, `must have at most ${max} ${max === 1 ? 'item' : 'items'}`),
} as const;

/** A problem of no certain type is an invalid value. */
export function asFieldError(problem: FieldProblem | FieldError): FieldError {
  return 'type' in problem ? problem : fieldError.invalid(problem.path, undefined, problem.message);
}

function make(type: FieldErrorType, path: string, kind: string, detail: string): FieldError {
  return { type, path, message: detail === '' ? kind : `${kind}: ${detail}` };
}

function withValue(kind: string, value: unknown): string {
  return value === undefined ? kind : `${kind}: ${JSON.stringify(value)}`;
}

const quote = (text: string): string => JSON.stringify(text);

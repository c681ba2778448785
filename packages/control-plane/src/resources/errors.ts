import { StatusError, type FieldError, type StatusCause } from '../status-error.js';

/** What an error message needs to know of a kind. */
export interface ErrorSubject {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** `plural.group`, or `plural` in the core group: how messages name a resource. */
export function qualifiedResource({ group, plural }: { group: string; plural: string }): string {
  return group === '' ? plural : `${plural}.${group}`;
}

/** `Kind.group`, or `Kind` in the core group. */
export function qualifiedKind({ group, kind }: { group: string; kind: string }): string {
  return group === '' ? kind : `${kind}.${group}`;
}

export function notFound(subject: ErrorSubject, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualifiedResource(subject)} "${name}" not found`, {
    name,
    ...groupOf(subject),
    kind: subject.plural,
  });
}

/** A built-in group has no such resource, or the path names none. */
export function noSuchResource(): StatusError {
  return new StatusError(404, 'NotFound', 'the server could not find the requested resource', {});
}

export function alreadyExists(subject: ErrorSubject, name: string, beingDeleted: boolean): StatusError {
  const prefix = beingDeleted ? 'object is being deleted: ' : '';
  return new StatusError(409, 'AlreadyExists', `${prefix}${qualifiedResource(subject)} "${name}" already exists`, {
    name,
    ...groupOf(subject),
    kind: subject.plural,
  });
}

export function conflict(subject: ErrorSubject, name: string, why: string): StatusError {
  return new StatusError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualifiedResource(subject)} "${name}": ${why}`,
    { name, ...groupOf(subject), kind: subject.plural },
  );
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again';

/** A precondition of a DELETE that does not hold; it names the kind where other conflicts name the resource. */
export function preconditionConflict(subject: ErrorSubject, name: string, why: string): StatusError {
  return conflict({ ...subject, plural: subject.kind }, name, why);
}

/** The causes in the order given; the message names each text once. */
export function invalid(
  subject: { readonly group: string; readonly kind: string },
  name: string,
  errors: readonly FieldError[],
): StatusError {
  const texts = [...new Set(errors.map((error) => `${error.field}: ${error.detail}`))];
  const summary = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new StatusError(422, 'Invalid', `${qualifiedKind(subject)} "${name}" is invalid: ${summary}`, {
    ...(name === '' ? {} : { name }),
    ...groupOf(subject),
    ...(subject.kind === '' ? {} : { kind: subject.kind }),
    causes: errors.map((error): StatusCause => ({ reason: error.type, message: error.detail, field: error.field })),
  });
}

/** A PUT or patch result without the resourceVersion its kind demands. Unlike other invalid objects, named by the resource. */
export function versionRequired(subject: ErrorSubject, name: string): StatusError {
  return invalid({ group: subject.group, kind: subject.plural }, name, [
    {
      type: 'FieldValueInvalid',
      field: 'metadata.resourceVersion',
      detail: 'Invalid value: 0: must be specified for an update',
    },
  ]);
}

/** Query parameters or a DeleteOptions body that cannot be. */
export function invalidOptions(
  kind: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions' | 'DeleteOptions' | 'ListOptions',
  errors: readonly FieldError[],
): StatusError {
  return invalid({ group: 'meta.k8s.io', kind }, '', errors);
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function forbidden(
  subject: { readonly group: string; readonly plural: string },
  name: string | undefined,
  why: string,
  causes?: readonly StatusCause[],
): StatusError {
  const object = name === undefined || name === '' ? '' : ` "${name}"`;
  return new StatusError(403, 'Forbidden', `${qualifiedResource(subject)}${object} is forbidden: ${why}`, {
    ...(object === '' ? {} : { name: name ?? '' }),
    ...groupOf(subject),
    kind: subject.plural,
    ...(causes === undefined ? {} : { causes }),
  });
}

export function methodNotSupported(subject: ErrorSubject, verb: string): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    `${verb} is not supported on resources of kind "${qualifiedResource(subject)}"`,
    { ...groupOf(subject), kind: subject.plural },
  );
}

export function methodNotAllowed(): StatusError {
  return new StatusError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

export function expired(message: string, continueToken?: string): StatusError {
  return new StatusError(410, 'Expired', message, undefined, continueToken);
}

export function versionTooLarge(asked: number, current: number): StatusError {
  return new StatusError(
    504,
    'Timeout',
    `Timeout: Too large resource version: ${String(asked)}, current: ${String(current)}`,
    { causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }], retryAfterSeconds: 1 },
  );
}

export function internalError(message: string): StatusError {
  return new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
}

/** An error that a real server passes on as it came: no reason, its raw text. */
export function plainError(message: string): StatusError {
  return new StatusError(500, undefined, message);
}

function groupOf({ group }: { readonly group: string }): { group?: string } {
  return group === '' ? {} : { group };
}

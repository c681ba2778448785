import { StatusError } from '../status-error.js';

/** The object was there already, or another write came first: what was wanted is done, or will be looked at again. */
export function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.code === 409;
}

export function isNotFound(error: unknown): boolean {
  return error instanceof StatusError && error.code === 404;
}

/** Refused because the namespace is being deleted. */
export function isNamespaceTerminating(error: unknown): boolean {
  return (
    error instanceof StatusError &&
    error.code === 403 &&
    error.details?.causes?.some(({ reason }) => reason === 'NamespaceTerminating') === true
  );
}

import { isJsonObject } from '../object.js';
import { StatusError } from '../status-error.js';

/** A patch that cannot be read. */
export function badPatch(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

/** A patch that does not apply. The API server does not tell why. */
export function rejectedPatch(): StatusError {
  return new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
}

/** What Go's JSON decoder says about a value of the wrong type. */
export function cannotUnmarshal(value: unknown, into: string): string {
  return `json: cannot unmarshal ${jsonType(value)} into Go ${into}`;
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (isJsonObject(value)) return 'object';
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

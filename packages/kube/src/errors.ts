import { describeOperation, type Operation } from './operation.js';
import type { Status, StatusCause } from './status.js';

/** Codes of every error this package throws. A message may be reworded; a code stays. */
export type KubeErrorCode =
  | 'ERR_KUBE_API'
  | 'ERR_KUBE_NOT_FOUND'
  | 'ERR_KUBE_ALREADY_EXISTS'
  | 'ERR_KUBE_CONFLICT'
  | 'ERR_KUBE_APPLY_CONFLICT'
  | 'ERR_KUBE_INVALID'
  | 'ERR_KUBE_FORBIDDEN'
  | 'ERR_KUBE_UNAUTHORIZED'
  | 'ERR_KUBE_GONE'
  | 'ERR_KUBE_TOO_MANY_REQUESTS'
  | 'ERR_KUBE_SERVER'
  | 'ERR_KUBE_TIMEOUT'
  | 'ERR_KUBE_NETWORK'
  | 'ERR_KUBE_WATCH_STREAM'
  | 'ERR_KUBE_SYNC_TIMEOUT'
  | 'ERR_KUBE_KIND_NOT_SERVED'
  | 'ERR_KUBE_REQUEST_INVALID'
  | 'ERR_KUBE_CREDENTIALS'
  | 'ERR_KUBE_CLUSTER_CONFIG'
  | 'ERR_KUBE_MANIFEST_INVALID';

/** Base of every error this package throws. */
export abstract class KubeError extends Error {
  abstract readonly code: KubeErrorCode;

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The API server refused. The message is the operation and the server's own message, never a body or a header. */
export class ApiError extends KubeError {
  override readonly code: KubeErrorCode = 'ERR_KUBE_API';
  readonly operation: Operation;
  /** HTTP status. */
  readonly status: number;
  /** The server's reason in one word, `NotFound`; `Unknown` when it gave none. */
  readonly reason: string;
  /** What exactly was wrong, field by field, where the server says so. */
  readonly causes: readonly StatusCause[];
  /** How long the server asks to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(refusal: Refusal) {
    super(`${describeOperation(refusal.operation)}: ${refusal.message}`);
    this.operation = refusal.operation;
    this.status = refusal.status;
    this.reason = refusal.reason;
    this.causes = refusal.causes;
    this.retryAfterMs = refusal.retryAfterMs;
  }
}

interface Refusal {
  readonly operation: Operation;
  readonly status: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly StatusCause[];
  readonly retryAfterMs?: number;
}

/** No such object, or no such kind. */
export class NotFoundError extends ApiError {
  override readonly code = 'ERR_KUBE_NOT_FOUND';
}

/** An object of this name was there before. */
export class AlreadyExistsError extends ApiError {
  override readonly code = 'ERR_KUBE_ALREADY_EXISTS';
}

/** The object changed since it was read, or a precondition does not hold: read again, decide again. */
export class ConflictError extends ApiError {
  override readonly code = 'ERR_KUBE_CONFLICT';
}

/** Fields to be applied belong to other managers. Apply with `force` to take them, or leave them out. */
export class ApplyConflictError extends ApiError {
  override readonly code = 'ERR_KUBE_APPLY_CONFLICT';

  /** Who owns what we wanted, and whether by an apply or by any other write. */
  get conflicts(): readonly FieldConflict[] {
    return this.causes.map(({ message = '', field = '' }) => {
      const [, manager = 'unknown', version] =
        /^conflict with "([^"]*)"(?: with subresource "[^"]*")?( using )?/.exec(message) ?? [];
      return { manager, operation: version === undefined ? 'Apply' : 'Update', field };
    });
  }
}

/** A field that an apply would have taken from another manager. */
export interface FieldConflict {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  /** `.spec.replicas`. */
  readonly field: string;
}

/** The object does not pass validation; `causes` names the fields. Trying again with the same object is no use. */
export class InvalidError extends ApiError {
  override readonly code = 'ERR_KUBE_INVALID';
}

/** Authenticated, but not allowed (RBAC or admission). */
export class ForbiddenError extends ApiError {
  override readonly code = 'ERR_KUBE_FORBIDDEN';
}

/** The credentials were refused, fresh ones too. */
export class UnauthorizedError extends ApiError {
  override readonly code = 'ERR_KUBE_UNAUTHORIZED';
}

/** The resource version or continue token is too old: list again. */
export class GoneError extends ApiError {
  override readonly code = 'ERR_KUBE_GONE';
}

/** The server is busy; `retryAfterMs` says for how long if it knows. */
export class TooManyRequestsError extends ApiError {
  override readonly code = 'ERR_KUBE_TOO_MANY_REQUESTS';
}

/** The server failed (5xx). */
export class ServerError extends ApiError {
  override readonly code = 'ERR_KUBE_SERVER';
}

/** No answer in time: ours ran out, or the server gave up. A write may or may not have happened. */
export class TimeoutError extends KubeError {
  override readonly code = 'ERR_KUBE_TIMEOUT';
}

/** The server could not be reached, or the connection broke. A write may or may not have happened. */
export class NetworkError extends KubeError {
  override readonly code = 'ERR_KUBE_NETWORK';
}

/** A watch brought something that cannot be trusted; an event may be lost. Resume from the last resource version. */
export class WatchStreamError extends KubeError {
  override readonly code = 'ERR_KUBE_WATCH_STREAM';

  constructor(
    operation: Operation,
    /** What happened to the stream; `unmarked`: it was to begin with a list and does not say where that ends. */
    readonly problem: 'malformed' | 'truncated' | 'oversized' | 'idle' | 'unmarked',
    detail: string,
  ) {
    super(`${describeOperation(operation)}: ${detail}`);
  }
}

/** Caches were not filled in time; the message says which and why. */
export class SyncTimeoutError extends KubeError {
  override readonly code = 'ERR_KUBE_SYNC_TIMEOUT';

  constructor(
    timeoutMs: number,
    /** What is missing, and the last error of each. */
    readonly pending: readonly { readonly informer: string; readonly error?: Error | undefined }[],
  ) {
    const reasons = pending.map(({ informer, error }) => `${informer} (${error?.message ?? 'no answer yet'})`);
    super(`Not synced after ${timeoutMs} ms: ${reasons.join('; ')}`);
  }
}

/** Discovery knows no such kind; usually its CRD is not installed. */
export class KindNotServedError extends KubeError {
  override readonly code = 'ERR_KUBE_KIND_NOT_SERVED';
}

/** A request that cannot be sent as it is: a namespace is missing, say. A bug of the caller. */
export class RequestInvalidError extends KubeError {
  override readonly code = 'ERR_KUBE_REQUEST_INVALID';
}

/** Credentials could not be had: the plugin failed, the token file is gone. */
export class CredentialsError extends KubeError {
  override readonly code = 'ERR_KUBE_CREDENTIALS';
}

/** No cluster was found, or its configuration cannot be used; one line that names what was tried. */
export class ClusterConfigError extends KubeError {
  override readonly code = 'ERR_KUBE_CLUSTER_CONFIG';
}

/** A manifest that is no Kubernetes object, or a text that is no YAML. Says where, and what is missing. */
export class ManifestError extends KubeError {
  override readonly code = 'ERR_KUBE_MANIFEST_INVALID';
}

/** The error for an answer of 400 and above. A 409 means different things to apply and update: the reason decides. */
export function errorFromStatus(
  operation: Operation,
  httpStatus: number,
  status: Status | undefined,
  retryAfterMs?: number,
): KubeError {
  const causes = status?.details?.causes ?? [];
  const seconds = status?.details?.retryAfterSeconds;
  const waitMs = retryAfterMs ?? (seconds === undefined || seconds === 0 ? undefined : seconds * 1000);
  const refusal: Refusal = {
    operation,
    status: httpStatus,
    reason: status?.reason ?? 'Unknown',
    message: status?.message ?? `HTTP ${httpStatus}`,
    causes,
    ...(waitMs !== undefined && { retryAfterMs: waitMs }),
  };
  switch (refusal.reason) {
    case 'NotFound':
      return new NotFoundError(refusal);
    case 'AlreadyExists':
      return new AlreadyExistsError(refusal);
    case 'Conflict':
      return causes.some(({ reason }) => reason === 'FieldManagerConflict')
        ? new ApplyConflictError(refusal)
        : new ConflictError(refusal);
    case 'Invalid':
      return new InvalidError(refusal);
    case 'Forbidden':
      return new ForbiddenError(refusal);
    case 'Unauthorized':
      return new UnauthorizedError(refusal);
    case 'Expired':
    case 'Gone':
      return new GoneError(refusal);
    case 'TooManyRequests':
      return new TooManyRequestsError(refusal);
    case 'Timeout':
    case 'ServerTimeout':
      return new TimeoutError(`${describeOperation(operation)}: ${refusal.message}`);
    default:
      return errorFromCode(refusal);
  }
}

/** For answers that carry no reason we know: proxies and old servers send the bare code. */
function errorFromCode(refusal: Refusal): KubeError {
  if (refusal.status >= 500) return new ServerError(refusal);
  switch (refusal.status) {
    case 401:
      return new UnauthorizedError(refusal);
    case 403:
      return new ForbiddenError(refusal);
    case 404:
      return new NotFoundError(refusal);
    case 409:
      return new ConflictError(refusal);
    case 410:
      return new GoneError(refusal);
    case 422:
      return new InvalidError(refusal);
    case 429:
      return new TooManyRequestsError(refusal);
    default:
      return new ApiError(refusal);
  }
}

/**
 * The predicates match on the code, not on the class: an error of another installed copy of this package is meant as
 * well.
 */
function hasCode<E extends KubeError>(error: unknown, code: E['code']): error is E {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

export const isNotFound = (error: unknown): error is NotFoundError =>
  hasCode<NotFoundError>(error, 'ERR_KUBE_NOT_FOUND');
export const isAlreadyExists = (error: unknown): error is AlreadyExistsError =>
  hasCode<AlreadyExistsError>(error, 'ERR_KUBE_ALREADY_EXISTS');
export const isConflict = (error: unknown): error is ConflictError =>
  hasCode<ConflictError>(error, 'ERR_KUBE_CONFLICT');
export const isApplyConflict = (error: unknown): error is ApplyConflictError =>
  hasCode<ApplyConflictError>(error, 'ERR_KUBE_APPLY_CONFLICT');
export const isInvalid = (error: unknown): error is InvalidError => hasCode<InvalidError>(error, 'ERR_KUBE_INVALID');
export const isForbidden = (error: unknown): error is ForbiddenError =>
  hasCode<ForbiddenError>(error, 'ERR_KUBE_FORBIDDEN');
export const isUnauthorized = (error: unknown): error is UnauthorizedError =>
  hasCode<UnauthorizedError>(error, 'ERR_KUBE_UNAUTHORIZED');
export const isGone = (error: unknown): error is GoneError => hasCode<GoneError>(error, 'ERR_KUBE_GONE');
export const isTooManyRequests = (error: unknown): error is TooManyRequestsError =>
  hasCode<TooManyRequestsError>(error, 'ERR_KUBE_TOO_MANY_REQUESTS');
export const isServerError = (error: unknown): error is ServerError => hasCode<ServerError>(error, 'ERR_KUBE_SERVER');
export const isTimeout = (error: unknown): error is TimeoutError => hasCode<TimeoutError>(error, 'ERR_KUBE_TIMEOUT');
export const isNetworkError = (error: unknown): error is NetworkError =>
  hasCode<NetworkError>(error, 'ERR_KUBE_NETWORK');
export const isSyncTimeout = (error: unknown): error is SyncTimeoutError =>
  hasCode<SyncTimeoutError>(error, 'ERR_KUBE_SYNC_TIMEOUT');

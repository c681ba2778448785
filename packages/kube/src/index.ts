export { clusterFromToken, loadCluster, type ClusterConnection, type LoadClusterOptions } from './cluster.js';
export type { CredentialProvider, Credentials, PluginRun } from './credentials.js';
export type { Impersonation } from './impersonation.js';

export { Client, type ClientOptions } from './client.js';
export type { Concurrency } from './concurrency-limit.js';
export type { RateLimit } from './rate-limiter.js';
export type { RequestRecord } from './requester.js';
export type { CallObserver, CallScope } from './scoped-requester.js';
export type {
  ApplyOptions,
  ContentOptions,
  DeleteOptions,
  GetOptions,
  JsonPatchOperation,
  ListOptions,
  ListPage,
  ObjectList,
  PagesOptions,
  RequestOptions,
  Selection,
  WatchOptions,
  WriteOptions,
} from './client-options.js';
export type { KindQuery } from './discovery.js';
export { describeOperation, isRead, type Operation, type Verb } from './operation.js';
export type { Bookmark, WatchEvent } from './watch-stream.js';

export { Informers, type InformersOptions } from './informers.js';
export type { Informer, WaitForSyncOptions } from './informer.js';
export type { InformerCounters, InformerState } from './reflector.js';
export type { Change, ChangeListener, IndexFunction, Store } from './store.js';
export { deepFreeze, slim, type Transform } from './transform.js';

export {
  formatName,
  nameOf,
  type KubernetesObject,
  type ManagedFieldsEntry,
  type Named,
  type NamespacedName,
  type ObjectMeta,
  type OwnerReference,
  type UnnamedObject,
} from './object.js';
export { compareResourceVersions } from './resource-version.js';
export { apiVersionOf, type ResourceType } from './resource-type.js';
export { parseLabelSelector } from './label-selector.js';
export { parseManifests, type Manifest } from './manifests.js';

export { abortable } from './cancellation.js';
export { sleep, systemClock, type Clock } from './clock.js';
export { EventLoopSlice } from './event-loop-slice.js';
export { silentLogger, type Logger } from './logger.js';

export {
  AlreadyExistsError,
  ApiError,
  ApplyConflictError,
  ClusterConfigError,
  ConflictError,
  CredentialsError,
  ForbiddenError,
  GoneError,
  InvalidError,
  isAlreadyExists,
  isApplyConflict,
  isConflict,
  isForbidden,
  isGone,
  isInvalid,
  isNetworkError,
  isNotFound,
  isServerError,
  isSyncTimeout,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  KindNotServedError,
  KubeError,
  ManifestError,
  NetworkError,
  NotFoundError,
  RequestInvalidError,
  ServerError,
  SyncTimeoutError,
  TimeoutError,
  TooManyRequestsError,
  UnauthorizedError,
  WatchStreamError,
  type FieldConflict,
  type KubeErrorCode,
} from './errors.js';
export type { StatusCause } from './status.js';

import type {
  ApplyOptions,
  ContentOptions,
  DeleteOptions,
  GetOptions,
  JsonPatchOperation,
  ListOptions,
  ListPage,
  ObjectList,
  PagesOptions,
  Selection,
  WatchOptions,
  WriteOptions,
} from './client-options.js';
import type { ClusterConnection } from './cluster.js';
import type { Concurrency } from './concurrency-limit.js';
import { Discovery, type KindQuery } from './discovery.js';
import { isGone, isNotFound } from './errors.js';
import type { HttpRequest } from './http-message.js';
import type { KubernetesObject, Named, NamespacedName, UnnamedObject } from './object.js';
import { metadataOf } from './object-metadata.js';
import type { Operation, Verb } from './operation.js';
import { Requester, type RequesterOptions, type RequestRecord } from './requester.js';
import { ScopedRequester, type CallScope, type RequesterLike } from './scoped-requester.js';
import { addressOf, operationPath } from './resource-path.js';
import { apiVersionOf, type ResourceType } from './resource-type.js';
import { isStatus } from './status.js';
import { splitLines, WatchEvents, type WatchEvent } from './watch-stream.js';

export interface ClientOptions extends RequesterOptions {
  /** Field manager of writes that name none. Default: none, the server then takes the user agent. */
  readonly fieldManager?: string;
}

/** What clients of one connection share. */
interface Shared {
  readonly requester: RequesterLike;
  readonly discovery: Discovery;
}

const PAGE_SIZE = 500;

/** After so many expired continue tokens a list is asked for in one piece: slower, but it cannot expire. */
const MAX_PAGED_ATTEMPTS = 3;

/**
 * An API server as a client sees it. JSON goes in and out as it is: fields this package never heard of included.
 * Arguments are never changed.
 *
 * Every method throws an {@link ApiError} subclass when the server refuses, {@link NetworkError} when it cannot be
 * reached, {@link TimeoutError} when the answer takes longer than `timeoutMs`, and the signal's reason when aborted.
 */
export class Client {
  readonly connection: ClusterConnection;
  readonly #requester: Shared['requester'];
  readonly #fieldManager: string | undefined;
  readonly #discovery: Discovery;

  constructor(connection: ClusterConnection, options?: ClientOptions);
  /** @internal */
  constructor(connection: ClusterConnection, options: ClientOptions, shared: Shared);
  constructor(connection: ClusterConnection, options: ClientOptions = {}, shared?: Shared) {
    this.connection = connection;
    this.#requester = shared?.requester ?? new Requester(connection, options);
    this.#fieldManager = options.fieldManager;
    this.#discovery =
      shared?.discovery ?? new Discovery((operation, path) => this.#requester.request(operation, { path }));
  }

  /** This client for one piece of work: every call ends with the scope's signal and is told to its observer. */
  scoped(scope: CallScope): Client {
    const options = this.#fieldManager === undefined ? {} : { fieldManager: this.#fieldManager };
    const requester = new ScopedRequester(this.#requester, scope);
    return new Client(this.connection, options, { requester, discovery: this.#discovery });
  }

  async get<T extends KubernetesObject>(
    resource: ResourceType,
    name: NamespacedName,
    options: GetOptions = {},
  ): Promise<T> {
    const operation = operationOn('get', resource, name, options);
    const exchange = { path: operationPath(operation), ...accepting('PartialObjectMetadata', options) };
    const object = await this.#requester.request<T>(operation, exchange, options);
    return options.metadataOnly === true ? metadataOf(object, resource) : object;
  }

  /** As {@link Client.get}, but undefined when there is no such object. */
  async find<T extends KubernetesObject>(
    resource: ResourceType,
    name: NamespacedName,
    options: GetOptions = {},
  ): Promise<T | undefined> {
    try {
      return await this.get<T>(resource, name, options);
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** One page: everything, or `limit` objects and a token to go on with. */
  async list<T extends KubernetesObject>(resource: ResourceType, options: ListOptions = {}): Promise<ObjectList<T>> {
    const { labelSelector, fieldSelector, limit, resourceVersion, resourceVersionMatch } = options;
    const operation: Operation = { verb: 'list', resource, ...selectionOf(options) };
    const path = operationPath(operation, {
      labelSelector,
      fieldSelector,
      limit,
      continue: options.continue,
      resourceVersion,
      resourceVersionMatch,
    });
    const exchange = { path, ...accepting('PartialObjectMetadataList', options) };
    const list = await this.#requester.request<ObjectList<T>>(operation, exchange, options);
    const complete = options.metadataOnly === true ? metadataOf<T> : withKind<T>;
    return { ...list, items: (list.items ?? []).map((item) => complete(item, resource)) };
  }

  /**
   * A whole list, page by page. When the continue token expires on the way (410), the list starts over with a page of
   * `index` 0.
   */
  async *pages<T extends KubernetesObject>(
    resource: ResourceType,
    options: PagesOptions = {},
  ): AsyncGenerator<ListPage<T>, void, void> {
    const { limit = PAGE_SIZE } = options;
    for (let attempt = 1; ; attempt++) {
      try {
        yield* this.#pagesOnce<T>(resource, attempt < MAX_PAGED_ATTEMPTS ? { ...options, limit } : options);
        return;
      } catch (error) {
        if (!isGone(error) || attempt >= MAX_PAGED_ATTEMPTS) throw error;
      }
    }
  }

  async *#pagesOnce<T extends KubernetesObject>(
    resource: ResourceType,
    options: ListOptions,
  ): AsyncGenerator<ListPage<T>, void, void> {
    let token: string | undefined;
    for (let index = 0; index === 0 || token !== undefined; index++) {
      const list = await this.list<T>(resource, { ...options, ...(token !== undefined && { continue: token }) });
      yield { ...list, index };
      token = list.metadata.continue === '' ? undefined : list.metadata.continue;
    }
  }

  /** Creates; an object without a name gets one from the server. */
  async create<T extends KubernetesObject | UnnamedObject>(
    resource: ResourceType,
    object: T,
    options: WriteOptions = {},
  ): Promise<Named<T>> {
    const operation = operationOn('create', resource, object, options);
    return this.#write<Named<T>>(operation, 'POST', 'application/json', object, options);
  }

  /** Puts a whole object in place of the stored one; its `resourceVersion`, if any, must still be current. */
  async replace<T extends KubernetesObject>(resource: ResourceType, object: T, options: WriteOptions = {}): Promise<T> {
    const operation = operationOn('update', resource, object, options);
    return this.#write<T>(operation, 'PUT', 'application/json', object, options);
  }

  /**
   * Server-side apply: the object holds exactly the fields this manager wants to own. `managedFields` are left out if
   * present. A `resourceVersion` is sent as given and then acts as a precondition.
   *
   * @throws {@link ApplyConflictError} naming managers and fields, unless `force` is set.
   */
  async apply<T extends KubernetesObject>(resource: ResourceType, object: T, options: ApplyOptions): Promise<T> {
    const operation = operationOn('patch', resource, object, options);
    const { force = false } = options;
    const applied = withoutManagedFields(object);
    return this.#write<T>(operation, 'PATCH', 'application/apply-patch+yaml', applied, options, force);
  }

  /** RFC 7386: null removes a field, a list is replaced whole. */
  async mergePatch<T extends KubernetesObject>(
    resource: ResourceType,
    name: NamespacedName,
    patch: object,
    options: WriteOptions = {},
  ): Promise<T> {
    const operation = operationOn('patch', resource, name, options);
    return this.#write<T>(operation, 'PATCH', 'application/merge-patch+json', patch, options);
  }

  /** RFC 6902: all operations or none; a `test` that fails is an {@link InvalidError}. */
  async jsonPatch<T extends KubernetesObject>(
    resource: ResourceType,
    name: NamespacedName,
    operations: readonly JsonPatchOperation[],
    options: WriteOptions = {},
  ): Promise<T> {
    const operation = operationOn('patch', resource, name, options);
    return this.#write<T>(operation, 'PATCH', 'application/json-patch+json', operations, options);
  }

  /** Deletes. Returns the object while finalizers or a grace period hold it, undefined when it is gone. */
  async delete(
    resource: ResourceType,
    name: NamespacedName,
    options: DeleteOptions = {},
  ): Promise<KubernetesObject | undefined> {
    const operation = operationOn('delete', resource, name);
    const { preconditions, propagationPolicy = 'Background', gracePeriodSeconds, dryRun } = options;
    const body = { apiVersion: 'v1', kind: 'DeleteOptions', preconditions, propagationPolicy, gracePeriodSeconds };
    const path = operationPath(operation, { dryRun: dryRun === true ? 'All' : undefined });
    const exchange = { method: 'DELETE', path, contentType: 'application/json', body, dryRun } as const;
    const answer = await this.#requester.request<KubernetesObject>(operation, exchange, options);
    return isStatus(answer) || !isHeld(answer) ? undefined : withKind(answer, resource);
  }

  /**
   * One watch request, from its beginning to its end; {@link Informers} keep one going. Bookmarks are asked for. Ends
   * without an error when its signal aborts.
   *
   * @throws {@link GoneError} when the resource version is too old, {@link WatchStreamError} when the stream cannot be
   * trusted any more: in both cases after the events before it.
   */
  watch<T extends KubernetesObject>(
    resource: ResourceType,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchEvent<T>, void, void> {
    const { labelSelector, fieldSelector, resourceVersion, sendInitialEvents, timeoutSeconds, metadataOnly } = options;
    const operation: Operation = { verb: 'watch', resource, ...selectionOf(options) };
    const path = operationPath(operation, {
      watch: true,
      allowWatchBookmarks: true,
      labelSelector,
      fieldSelector,
      resourceVersion,
      ...(sendInitialEvents === true && { sendInitialEvents, resourceVersionMatch: 'NotOlderThan' }),
      timeoutSeconds,
    });
    const exchange = { path, ...accepting('PartialObjectMetadata', options) };
    const chunks = this.#requester.stream(operation, exchange, options);
    const lines = splitLines(chunks, operation);
    const prepare = metadataOnly === true ? (object: T) => metadataOf(object, resource) : undefined;
    return new WatchEvents<T>(lines, operation, options.signal, prepare);
  }

  /**
   * Looks up how a kind is served. Answers are cached; a kind that is missing is asked for again each time, since its
   * CRD may have come.
   *
   * @throws {@link KindNotServedError}
   */
  discover(kind: KindQuery): Promise<ResourceType> {
    return this.#discovery.find(kind);
  }

  /** Calls the observer, which must not throw, after every HTTP request. Returns what ends that. */
  onRequest(observer: (record: RequestRecord) => void): () => void {
    return this.#requester.observe(observer);
  }

  /** How many requests are under way at the moment, watches aside, and how many may be. */
  get concurrency(): Concurrency {
    return this.#requester.concurrency;
  }

  /** Breaks off every request and closes the connections; later requests fail. */
  close(): Promise<void> {
    return this.#requester.close();
  }

  #write<T extends KubernetesObject>(
    operation: Operation,
    method: HttpRequest['method'],
    contentType: string,
    body: unknown,
    options: WriteOptions,
    force?: boolean,
  ): Promise<T> {
    const { fieldManager = this.#fieldManager, dryRun, fieldValidation } = options;
    const path = operationPath(operation, {
      fieldManager,
      dryRun: dryRun === true ? 'All' : undefined,
      fieldValidation,
      force,
    });
    return this.#requester.request<T>(operation, { method, path, contentType, body, dryRun }, options);
  }
}

function operationOn(
  verb: Verb,
  resource: ResourceType,
  target: Parameters<typeof addressOf>[0],
  { subresource }: { readonly subresource?: string } = {},
): Operation {
  const { namespace, name } = addressOf(target);
  return { verb, resource, subresource, namespace, name };
}

function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  if (object.metadata.managedFields === undefined) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/**
 * Asks for a part of objects in place of the whole, where that is wanted. A server that cannot answer so, as some
 * aggregated ones, may send them whole.
 *
 * @see {@link https://kubernetes.io/docs/reference/using-api/api-concepts/#metadata-only-fetches | Metadata-only fetches}
 */
function accepting(
  part: 'PartialObjectMetadata' | 'PartialObjectMetadataList',
  { metadataOnly }: ContentOptions,
): { readonly accept?: string } {
  return metadataOnly === true ? { accept: `application/json;as=${part};g=meta.k8s.io;v=v1,application/json` } : {};
}

/** List items of built-in kinds come without apiVersion and kind, unlike the same objects in a watch. */
function withKind<T extends KubernetesObject>(item: T, resource: ResourceType): T {
  return item.kind === undefined
    ? Object.assign({ apiVersion: apiVersionOf(resource), kind: resource.kind }, item)
    : item;
}

/** Some kinds answer a delete with the object they have just removed; an object that is still there says why. */
function isHeld({ metadata }: KubernetesObject): boolean {
  const { deletionTimestamp, finalizers = [], deletionGracePeriodSeconds = 0 } = metadata;
  return deletionTimestamp !== undefined && (finalizers.length > 0 || deletionGracePeriodSeconds > 0);
}

/** The selection of a list or watch, without what is not given. */
function selectionOf({ namespace, labelSelector, fieldSelector }: Selection): Selection {
  return {
    ...(namespace !== undefined && { namespace }),
    ...(labelSelector !== undefined && { labelSelector }),
    ...(fieldSelector !== undefined && { fieldSelector }),
  };
}

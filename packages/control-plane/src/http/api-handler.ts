import type { AccessControl } from '../authorization/access-control.js';
import type { Clock } from '../clock.js';
import type { PodLogs } from '../controllers/workloads/pod-logs.js';
import type { FaultInjector, RequestOutcome } from '../faults/fault-injector.js';
import type { FaultSubject } from '../faults/fault.js';
import { methodNotAllowed, methodNotSupported, noSuchResource, notFound } from '../resources/errors.js';
import type { ResourceRegistry, ServedGroup } from '../resources/registry.js';
import type { Resource } from '../resources/resource.js';
import { subresourcesOf } from '../resources/subresources.js';
import type { UserInfo, WritePipeline } from '../resources/write-context.js';
import type { Authenticator } from './authentication.js';
import { aggregatedDiscovery, coreVersions, entityTag, groupDocument, groupList, resourceList } from './discovery.js';
import { answerFaultRequest } from './fault-endpoint.js';
import { healthReply } from './health.js';
import { impersonate, ImpersonationError } from './impersonation.js';
import { cutConnection, isClosed, type ApiRequest, type ApiResponse } from './messages.js';
import { acceptsJson, wantsAggregatedDiscovery } from './negotiation.js';
import { OpenApiDocuments } from './openapi.js';
import {
  errorReply,
  jsonReply,
  pageNotFound,
  sendReply,
  setCommonHeaders,
  setWarnings,
  textReply,
  type Reply,
} from './reply.js';
import { attributesOf, verbOf } from './request-attributes.js';
import type { RequestRecorder } from './request-recorder.js';
import { handleResource } from './resource-handler.js';
import type { ResourceRequest } from './resource-request.js';
import { parseRoute, type ResourceRoute, type Route } from './route.js';
import { versionDocument, type VersionInfo } from './version.js';

export interface ApiHandlerOptions {
  readonly pipeline: WritePipeline;
  readonly authenticator: Authenticator;
  readonly access: AccessControl;
  readonly recorder: RequestRecorder;
  readonly faults: FaultInjector;
  readonly clock: Clock;
  /** Absent when no pods are played. */
  readonly logs: PodLogs | undefined;
  readonly version: VersionInfo;
  /** `host:port`, for the legacy discovery of the core group. */
  serverAddress(): string;
  /** Resolves when what has been written until now is where it outlives the server; absent: nothing does. */
  readonly durable?: () => Promise<void>;
  /** Hears of failures of the server itself. */
  report(error: unknown): void;
}

const HTML_ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Answers every request: who asks, may they, what for. */
export class ApiHandler {
  readonly #options: ApiHandlerOptions;
  readonly #openapi: OpenApiDocuments;

  constructor(options: ApiHandlerOptions) {
    this.#options = options;
    this.#openapi = new OpenApiDocuments(options.pipeline.registry, options.version.gitVersion);
  }

  /** Never rejects: a failure is an answer, too. */
  async handle(request: ApiRequest, response: ApiResponse): Promise<void> {
    const url = urlOf(request.url ?? '/');
    const route = parseRoute(url.pathname);
    setCommonHeaders(request, response, this.#options.clock.now());
    const warnings = new Set<string>();
    const record = { changed: false, user: '' };
    let reply: Reply | 'sent';
    try {
      // Nobody is told of anything that a crash could take back: not the writer, nor who finds that it is done.
      reply = await this.#answer(request, response, url, route, warnings, record).finally(this.#options.durable);
    } catch (error) {
      reply = this.#errorReply(error, request, url);
    }
    if (route.type === 'resource' && this.#options.recorder.isFollowed) {
      const status = reply === 'sent' ? (response.headersSent ? 200 : 0) : reply.status;
      this.#record(request, route, url, status, record);
    }
    if (reply === 'sent' || isClosed(response) || response.headersSent) return;
    setWarnings(response, warnings);
    await sendReply(request, response, reply);
  }

  async #answer(
    request: ApiRequest,
    response: ApiResponse,
    url: URL,
    route: Route,
    warnings: Set<string>,
    record: { changed: boolean; user: string },
  ): Promise<Reply | 'sent'> {
    const { access, authenticator } = this.#options;
    const user = impersonate(request, authenticator.authenticate(request), access);
    record.user = user.username;
    const method = request.method ?? 'GET';
    if (route.type !== 'resource') {
      access.check(user, { type: 'path', verb: method.toLowerCase(), path: url.pathname });
      const fault = await answerFaultRequest(request, url.pathname, this.#options.faults);
      return fault ?? this.#document(request, url, route) ?? pageNotFound();
    }
    const verb = verbOf(method, route, url.searchParams);
    const attributes = attributesOf(route, verb, url.searchParams);
    access.check(user, attributes);
    const subject = { ...attributes, user: user.username };
    const outcome = await this.#meetFaults(subject, response);
    const reply =
      outcome === 'reset'
        ? 'sent'
        : await this.#resource(request, response, url, route, verb, user, subject, warnings, record);
    if (outcome !== 'proceed') cutConnection(response);
    return outcome === 'proceed' ? reply : 'sent';
  }

  async #meetFaults(subject: FaultSubject, response: ApiResponse): Promise<RequestOutcome> {
    const { faults } = this.#options;
    if (faults.isEmpty) return 'proceed';
    const gone = new AbortController();
    response.once('close', () => {
      gone.abort();
    });
    return faults.meetRequest(subject, gone.signal);
  }

  async #resource(
    request: ApiRequest,
    response: ApiResponse,
    url: URL,
    route: ResourceRoute,
    verb: string,
    user: UserInfo,
    subject: FaultSubject,
    warnings: Set<string>,
    record: { changed: boolean },
  ): Promise<Reply | 'sent'> {
    const { pipeline, access, authenticator, faults, logs, clock } = this.#options;
    const { registry } = pipeline;
    const resource = registry.find(route.group, route.version, route.plural);
    if (!resource) {
      if (isBuiltIn(registry, route)) throw noSuchResource();
      return pageNotFound();
    }
    if (resource.deprecationWarning !== undefined) warnings.add(resource.deprecationWarning);
    const served = resource.custom ? checkCustom(resource, route, verb) : checkBuiltIn(resource, route, verb);
    if (!served) return pageNotFound();
    const resourceRequest: ResourceRequest = {
      request,
      response,
      query: url.searchParams,
      route,
      resource,
      verb,
      user,
      faultSubject: subject,
      pretty: wantsPretty(request, url.searchParams),
      warn: (text) => warnings.add(text),
      authorizeCreation: () => {
        access.check(user, attributesOf(route, 'create', url.searchParams));
      },
      changed: () => {
        record.changed = true;
      },
      sendHeaders: () => {
        setWarnings(response, warnings);
      },
    };
    return handleResource(resourceRequest, { pipeline, access, authenticator, faults, logs, clock });
  }

  #errorReply(error: unknown, request: ApiRequest, url: URL): Reply {
    if (error instanceof ImpersonationError) {
      const text = `Internal Server Error: ${JSON.stringify(request.url ?? '')}: ${error.message}\n`;
      return textReply(
        500,
        text.replace(/[&<>]/g, (character) => HTML_ENTITIES[character] ?? character),
      );
    }
    if (!(error instanceof Error && error.name === 'StatusError')) this.#options.report(error);
    return errorReply(error, request.headers.accept, wantsPretty(request, url.searchParams));
  }

  /** Discovery, OpenAPI, health and version. */
  #document(request: ApiRequest, url: URL, route: Exclude<Route, ResourceRoute>): Reply | undefined {
    const groups = this.#discoverableGroups();
    const method = request.method ?? 'GET';
    if (method !== 'GET' && method !== 'HEAD') return jsonReplyOf(405, methodNotAllowed().toStatus());
    switch (route.type) {
      case 'api':
      case 'apis':
        if (wantsAggregatedDiscovery(request.headers.accept)) return this.#aggregated(request, groups, route.type);
        return jsonReplyOf(200, route.type === 'api' ? coreVersions(this.#options.serverAddress()) : groupList(groups));
      case 'group': {
        const group = groups.find(({ name }) => name === route.group);
        return group && jsonReplyOf(200, groupDocument(group));
      }
      case 'version': {
        const group = groups.find(({ name }) => name === route.group);
        const served = group?.versions.find(({ version }) => version === route.version);
        return served && jsonReplyOf(200, resourceList(route.group, served));
      }
      case 'other':
        return this.#otherPath(url, request.headers.accept);
    }
  }

  /** The groups that clients are told of. */
  #discoverableGroups(): readonly ServedGroup[] {
    const { pipeline, faults } = this.#options;
    const groups = pipeline.registry.groups();
    if (faults.isEmpty) return groups;
    const hidden = faults.hiddenGroups();
    return groups.filter(({ name }) => !hidden.has(name));
  }

  #aggregated(request: ApiRequest, groups: readonly ServedGroup[], root: 'api' | 'apis'): Reply {
    const json = JSON.stringify(aggregatedDiscovery(groups, root));
    const tag = entityTag(json);
    const isKnown = request.headers['if-none-match'] === tag;
    return {
      status: isKnown ? 304 : 200,
      contentType: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
      body: json,
      headers: { ETag: tag, Vary: 'Accept', 'Cache-Control': 'public' },
    };
  }

  #otherPath({ pathname, searchParams }: URL, accept: string | undefined): Reply | undefined {
    if (pathname === '/version' || pathname === '/version/') {
      return jsonReply(200, JSON.stringify(versionDocument(this.#options.version)), { encoding: 'json', pretty: true });
    }
    if (pathname === '/openapi/v2') return this.#openapiV2(accept);
    if (pathname === '/openapi/v3' || pathname === '/openapi/v3/') return jsonReplyOf(200, this.#openapi.index());
    if (pathname.startsWith('/openapi/v3/')) {
      return this.#openapiDocument(pathname.slice('/openapi/v3/'.length), searchParams.get('hash'));
    }
    if (pathname === '/') return jsonReplyOf(200, { paths: this.#paths() });
    return healthReply(pathname, searchParams);
  }

  /** Only as JSON: who asks for it in protobuf alone has v3, or does without. */
  #openapiV2(accept: string | undefined): Reply {
    if (!acceptsJson(accept)) return { status: 406, contentType: 'text/plain; charset=utf-8', body: '' };
    const { json, hash } = this.#openapi.v2();
    return jsonReply(200, json, undefined, { Etag: `"${hash}"`, Vary: 'Accept' });
  }

  #openapiDocument(path: string, hash: string | null): Reply | undefined {
    const document = this.#openapi.find(path);
    if (!document) return undefined;
    if (hash !== null && hash !== '' && hash !== document.hash) {
      return {
        status: 301,
        contentType: 'text/plain; charset=utf-8',
        body: '',
        headers: { Location: `/openapi/v3/${path}?hash=${document.hash}` },
      };
    }
    const forever = {
      'Cache-Control': 'public, immutable',
      Expires: new Date(Date.now() + 31_536_000_000).toUTCString(),
    };
    return jsonReply(200, document.json, undefined, {
      Etag: `"${document.hash}"`,
      Vary: 'Accept',
      ...(hash === document.hash ? forever : {}),
    });
  }

  #paths(): string[] {
    const versions = this.#discoverableGroups().flatMap(({ name, versions: served }) =>
      served.map(({ version }) => (name === '' ? `/api/${version}` : `/apis/${name}/${version}`)),
    );
    return ['/api', '/apis', ...versions, '/healthz', '/livez', '/openapi/v2', '/openapi/v3', '/readyz', '/version'];
  }

  #record(
    request: ApiRequest,
    route: ResourceRoute,
    url: URL,
    status: number,
    { changed, user }: { changed: boolean; user: string },
  ): void {
    const { group, plural, subresource, namespace, name } = route;
    this.#options.recorder.record({
      verb: verbOf(request.method ?? 'GET', route, url.searchParams),
      group,
      resource: plural,
      ...(subresource === undefined ? {} : { subresource }),
      ...(namespace === undefined ? {} : { namespace }),
      ...(name === undefined ? {} : { name }),
      userAgent: request.headers['user-agent'] ?? '',
      user,
      status,
      changed,
    });
  }
}

const ORIGIN = 'http://server';

/** What a request asks for. A path may begin with two slashes, which names no host; text that is no URL is found nowhere. */
function urlOf(target: string): URL {
  if (target.startsWith('/')) return new URL(ORIGIN + target);
  return URL.canParse(target, ORIGIN) ? new URL(target, ORIGIN) : new URL(encodeURIComponent(target), ORIGIN);
}

/**
 * Whether a custom kind is served at this path. @throws 404 for a subresource that is not enabled, 405 for a verb that a
 * subresource does not have.
 */
function checkCustom(resource: Resource, route: ResourceRoute, verb: string): boolean {
  const { namespace, subresource, name } = route;
  const crossesNamespaces = verb === 'list' || verb === 'watch';
  if (!resource.namespaced && namespace !== undefined) return false;
  if (resource.namespaced && namespace === undefined && !crossesNamespaces) return false;
  if (subresource === undefined) {
    if (name !== undefined && verb === 'create') throw methodNotSupported(resource, verb);
    return true;
  }
  const served = subresourcesOf(resource).find((candidate) => candidate.name === subresource);
  if (!served) throw notFound(resource, name ?? '');
  if (!served.verbs.includes(verb)) throw methodNotSupported(resource, verb);
  return true;
}

/** @throws 404 and 405 as the router of the built-in groups words them. */
function checkBuiltIn(resource: Resource, route: ResourceRoute, verb: string): boolean {
  const { namespace, subresource, name, watch } = route;
  const crossesNamespaces = (verb === 'list' || verb === 'watch') && !(watch && name !== undefined);
  if (!resource.namespaced && namespace !== undefined) throw noSuchResource();
  if (resource.namespaced && namespace === undefined && !crossesNamespaces) {
    throw name === undefined ? methodNotAllowed() : noSuchResource();
  }
  if (subresource === undefined) {
    const isCreateOfNamed = verb === 'create' && name !== undefined;
    const isWriteOfCollection = (verb === 'update' || verb === 'patch') && name === undefined;
    const isOffered = resource.verbs.some((offered) => offered === verb);
    if (isCreateOfNamed || isWriteOfCollection || !isOffered) throw methodNotAllowed();
    return true;
  }
  const served = subresourcesOf(resource).find((candidate) => candidate.name === subresource);
  if (!served) throw noSuchResource();
  if (!served.verbs.includes(verb)) throw methodNotAllowed();
  return true;
}

function isBuiltIn(registry: ResourceRegistry, { group, version }: ResourceRoute): boolean {
  const served = registry.group(group)?.versions.find((candidate) => candidate.version === version);
  return served?.resources.some((resource) => !resource.custom) === true;
}

function wantsPretty(request: ApiRequest, query: URLSearchParams): boolean {
  const pretty = query.get('pretty');
  if (pretty !== null && pretty !== '') return ['1', 't', 'T', 'TRUE', 'true', 'True'].includes(pretty);
  return /^(?:curl|Wget|Mozilla\/5\.0)/.test(request.headers['user-agent'] ?? '');
}

function jsonReplyOf(status: number, value: unknown): Reply {
  return jsonReply(status, JSON.stringify(value));
}

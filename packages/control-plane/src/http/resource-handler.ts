import { ownEntry } from '../json.js';
import { isJsonObject, type KubeObject } from '../object.js';
import { createObject } from '../resources/create-object.js';
import { decodeObject, type DecodeContext } from '../resources/decode-object.js';
import { deleteObject, type DeleteResult } from '../resources/delete-object.js';
import { badRequest, notFound, plainError } from '../resources/errors.js';
import { BodySyntaxError, duplicatesIn, parseBody, type TextBody } from '../resources/parse-body.js';
import { patchObject, type Patch } from '../resources/patch-object.js';
import { storeKey } from '../resources/registry.js';
import { replaceObject } from '../resources/replace-object.js';
import type { Resource } from '../resources/resource.js';
import { patchScale, readScale, replaceScale } from '../resources/scale.js';
import { serveConverted } from '../resources/served-object.js';
import type { WriteContext } from '../resources/write-context.js';
import { StatusError } from '../status-error.js';
import type { StoredObject } from '../storage/table.js';
import { createSubresource } from './create-subresource.js';
import { formOfList, formOfObject, parseIncludeObject, type FormOptions } from './forms.js';
import { listObjects, parseVersion, waitForVersion } from './list-objects.js';
import { JSON_TYPE, mediaType, negotiate, unsupportedMediaType, type Accepted } from './negotiation.js';
import { readDeleteOptionsBody, readObjectBody, readPlainBody } from './object-body.js';
import { connectionError, isPodConnection } from './pod-connection.js';
import { podLog } from './pod-log.js';
import {
  parseDeleteOptions,
  parseListOptions,
  parseWriteOptions,
  type ParsedDeleteOptions,
  type WriteOptions,
} from './query-options.js';
import { jsonReply, type Reply } from './reply.js';
import { readRequestBody } from './request-body.js';
import { writeContext, type HandlerContext, type ResourceRequest } from './resource-request.js';
import { answerReview } from './reviews.js';
import { WatchStream } from './watch-stream.js';

/** Answers a request for a resource; `sent` when the answer is a stream that has begun. */
export async function handleResource(request: ResourceRequest, context: HandlerContext): Promise<Reply | 'sent'> {
  const { resource, verb, route, pretty } = request;
  const accepted = negotiate(request.request.headers.accept, {
    custom: resource.custom,
    watch: verb === 'watch',
    pretty,
  });
  if (!resource.custom && resource.plural === 'pods' && isPodConnection(route.subresource)) {
    throw connectionError({
      pod: await read(request, context),
      subresource: route.subresource,
      query: request.query,
      upgrade: request.request.headers.upgrade,
      findNode: (name) => context.pipeline.store.table('nodes').get(undefined, name),
    });
  }
  switch (verb) {
    case 'get':
      return get(request, context, accepted);
    case 'list':
      return list(request, context, accepted);
    case 'watch':
      return watch(request, context, accepted);
    case 'create':
      return route.subresource === undefined
        ? create(request, context, accepted)
        : createSubresource(request, context, accepted, await read(request, context));
    case 'update':
      return update(request, context, accepted);
    case 'patch':
      return patch(request, context, accepted);
    case 'delete':
      return remove(request, context, accepted);
    default:
      return removeCollection(request, context, accepted);
  }
}

// ---- reads

async function get(request: ResourceRequest, context: HandlerContext, accepted: Accepted): Promise<Reply | 'sent'> {
  const { resource, route, query } = request;
  const { store } = context.pipeline;
  const version = parseVersion(query.get('resourceVersion') ?? '');
  if (version > store.version) await waitForVersion(store, version, context.clock);
  const object = await read(request, context);
  if (route.subresource === 'log') {
    return podLog(object, query, { response: request.response, logs: context.logs, now: context.clock.now() });
  }
  const served = route.subresource === 'scale' ? readScale(resource, object) : object;
  return objectReply(200, request, context, accepted, served);
}

async function read({ resource, route }: ResourceRequest, { pipeline }: HandlerContext): Promise<StoredObject> {
  const stored = pipeline.store.table(storeKey(resource)).get(route.namespace, route.name ?? '');
  if (!stored) throw notFound(resource, route.name ?? '');
  return serveConverted(resource, stored);
}

async function list(request: ResourceRequest, context: HandlerContext, accepted: Accepted): Promise<Reply> {
  const { resource, route, query } = request;
  const options = parseListOptions(query, false);
  const found = await listObjects(context, resource, route.namespace, options);
  return jsonReply(200, formOfList(resource, found, formOptions(request, context, accepted)), accepted);
}

function watch(request: ResourceRequest, { pipeline, faults, clock }: HandlerContext, accepted: Accepted): 'sent' {
  const { resource, route, query, response, faultSubject } = request;
  const options = parseListOptions(query, true);
  const byName = route.name === undefined ? options : { ...options, fieldSelector: `metadata.name=${route.name}` };
  const stream = new WatchStream(
    {
      store: pipeline.store,
      resource,
      ...(route.namespace === undefined ? {} : { namespace: route.namespace }),
      list: byName,
      form: { accepted, includeObject: includeObject(accepted, query) },
      clock,
      followFaults: (stream) => faults.followWatch(faultSubject, stream),
      meetEvent: () => faults.meetEvent(faultSubject),
      dropsBookmark: () => faults.dropsBookmark(faultSubject),
    },
    response,
  );
  response.statusCode = 200;
  response.setHeader('Content-Type', JSON_TYPE);
  request.sendHeaders();
  stream.start();
  return 'sent';
}

// ---- writes

async function create(request: ResourceRequest, context: HandlerContext, accepted: Accepted): Promise<Reply> {
  const { resource, query } = request;
  const body = await readObjectBody(request);
  const options = parseWriteOptions(query, 'CreateOptions');
  const object = decodeObject(body, decodeContext(request, options, context));
  const review = answerReview(request, object, {
    user: request.user,
    authorizer: context.access.authorizer,
    authenticator: context.authenticator,
  });
  if (review) return jsonReply(201, JSON.stringify(review), accepted);
  if (!resource.verbs.includes('get')) throw plainError(`${resource.kind} is not served`);
  const created = await createObject(context.pipeline, writeContext(request, options), object);
  if (!options.dryRun) request.changed();
  return objectReply(201, request, context, accepted, created);
}

async function update(request: ResourceRequest, context: HandlerContext, accepted: Accepted): Promise<Reply> {
  const { route, query } = request;
  if (route.name === undefined) throw badRequest('name must be provided');
  const options = parseWriteOptions(query, 'UpdateOptions');
  const target = writeContext(request, options);
  if (target.subresource === 'scale') {
    const scale = await replaceScale(context.pipeline, target, route.name, await readPlainBody(request));
    request.changed();
    return objectReply(200, request, context, accepted, scale);
  }
  const body = await readObjectBody(request);
  const object = decodeObject(body, decodeContext(request, options, context));
  const result = await replaceObject(context.pipeline, target, route.name, object);
  if (result.changed) request.changed();
  return objectReply(result.created ? 201 : 200, request, context, accepted, result.object);
}

const PATCH_TYPES: Readonly<Record<string, Patch['type']>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

async function patch(request: ResourceRequest, context: HandlerContext, accepted: Accepted): Promise<Reply> {
  const { route, query } = request;
  const type = patchType(request);
  const bytes = await readRequestBody(request.request);
  const options = parseWriteOptions(query, 'PatchOptions', { apply: type === 'apply' });
  const parsed = readPatch(type, { text: bytes.toString(), yaml: type === 'apply' }, options);
  const target = writeContext(request, options);
  const name = route.name ?? '';
  if (target.subresource === 'scale') {
    const scale = await patchScale(context.pipeline, target, name, parsed);
    request.changed();
    return objectReply(200, request, context, accepted, scale);
  }
  const result = await patchObject(context.pipeline, target, name, parsed);
  if (result.changed) request.changed();
  return objectReply(result.created ? 201 : 200, request, context, accepted, result.object);
}

/** @throws 415 in the words of the custom kinds' handler, or of the built-in kinds' router. */
function patchType({ request, resource }: ResourceRequest): Patch['type'] {
  const header = mediaType(request.headers['content-type']);
  const type = header === undefined ? undefined : ownEntry(PATCH_TYPES, header);
  if (resource.custom) {
    if (type !== undefined && type !== 'strategic') return type;
    throw unsupportedMediaType(Object.keys(PATCH_TYPES).filter((name) => PATCH_TYPES[name] !== 'strategic'));
  }
  if (type !== undefined) return type;
  throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

function readPatch(type: Patch['type'], body: TextBody, { force, fieldValidation }: WriteOptions): Patch {
  let document: unknown;
  try {
    document = parseBody(body);
  } catch (error) {
    if (error instanceof BodySyntaxError) {
      throw badRequest(
        type === 'apply' ? `error decoding YAML: ${error.message}` : `error decoding patch: ${error.message}`,
      );
    }
    throw error;
  }
  if (type === 'apply') {
    if (!isJsonObject(document)) throw badRequest('error decoding YAML: the apply patch must be an object');
    return { type, configuration: asObject(document), force };
  }
  const fits = type === 'json' ? Array.isArray(document) : isJsonObject(document);
  if (!fits) {
    const found = Array.isArray(document) ? 'array' : document === null ? 'null' : typeof document;
    const wanted = type === 'json' ? 'jsonpatch.Patch' : 'map[string]interface {}';
    throw badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type ${wanted}`);
  }
  return { type, document, duplicates: fieldValidation === 'Ignore' ? [] : duplicatesIn(body) };
}

function asObject(document: Record<string, unknown>): KubeObject {
  const { apiVersion, kind, metadata } = document;
  return {
    ...document,
    apiVersion: typeof apiVersion === 'string' ? apiVersion : '',
    kind: typeof kind === 'string' ? kind : '',
    metadata: isJsonObject(metadata) ? metadata : {},
  };
}

async function remove(request: ResourceRequest, context: HandlerContext, accepted: Accepted): Promise<Reply> {
  const { resource, route, query } = request;
  const options = parseDeleteOptions(query, await readDeleteOptionsBody(request));
  const name = route.name ?? '';
  const target = deletion(request, options);
  const result = await deleteObject(context.pipeline, target, name, options);
  if (!options.dryRun) request.changed();
  const status = !result.gone && options.orphanDependents === false ? 202 : 200;
  if (!result.gone || resource.strategy.deleteReply === 'object') {
    return objectReply(status, request, context, accepted, result.object);
  }
  return jsonReply(status, JSON.stringify(deletedStatus(resource, name, result)), accepted);
}

function deletedStatus({ group, plural }: Resource, name: string, { object }: DeleteResult): Record<string, unknown> {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name, ...(group === '' ? {} : { group }), kind: plural, uid: object.metadata.uid },
  };
}

async function removeCollection(request: ResourceRequest, context: HandlerContext, accepted: Accepted): Promise<Reply> {
  const { resource, route, query } = request;
  const { pipeline } = context;
  const selected = parseListOptions(query, false);
  const options = parseDeleteOptions(query, await readDeleteOptionsBody(request));
  const found = await listObjects(context, resource, route.namespace, selected);
  const target = { ...deletion(request, options), ofCollection: true };
  for (const { metadata } of found.items) {
    try {
      await deleteObject(pipeline, target, metadata.name ?? '', options);
      if (!options.dryRun) request.changed();
    } catch (error) {
      // Gone already is what was asked for.
      if (!(error instanceof StatusError && error.code === 404)) throw error;
    }
  }
  const result = { items: found.items, resourceVersion: String(pipeline.store.version), continueToken: '' };
  return jsonReply(200, formOfList(resource, result, formOptions(request, context, accepted)), accepted);
}

// ---- replies and contexts

function decodeContext(
  { resource, warn }: ResourceRequest,
  { fieldValidation }: WriteOptions,
  { pipeline }: HandlerContext,
): DecodeContext {
  return { resource, registry: pipeline.registry, fieldValidation, warn };
}

function deletion(request: ResourceRequest, { dryRun }: ParsedDeleteOptions): WriteContext {
  const given = dryRun ? { dryRun: ['All'] } : {};
  return writeContext(request, { dryRun, fieldValidation: 'Ignore', force: false, given });
}

function objectReply(
  status: number,
  request: ResourceRequest,
  context: HandlerContext,
  accepted: Accepted,
  object: StoredObject,
): Reply {
  return jsonReply(status, formOfObject(request.resource, object, formOptions(request, context, accepted)), accepted);
}

function formOptions({ query }: ResourceRequest, { pipeline }: HandlerContext, accepted: Accepted): FormOptions {
  return { accepted, includeObject: includeObject(accepted, query), nowMs: pipeline.now().getTime() };
}

function includeObject(accepted: Accepted, query: URLSearchParams): FormOptions['includeObject'] {
  return accepted.form === 'Table' ? parseIncludeObject(query) : 'Metadata';
}

import { definitionOf } from '../builtins/definitions.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { badRequest, plainError } from '../resources/errors.js';
import { BodySyntaxError, parseBody, type TextBody } from '../resources/parse-body.js';
import { subresourcesOf } from '../resources/subresources.js';
import { JSON_TYPE, mediaType, PROTOBUF_TYPE, unsupportedMediaType, YAML_TYPE } from './negotiation.js';
import { decodeMessage, openEnvelope, ProtobufError } from './protobuf.js';
import { readRequestBody } from './request-body.js';
import type { ResourceRequest } from './resource-request.js';

const DELETE_OPTIONS = 'io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions';

/** The body of a POST or PUT. Protobuf becomes JSON here: nothing behind this knows the difference. */
export async function readObjectBody({ request, resource, route }: ResourceRequest): Promise<TextBody> {
  const type = mediaType(request.headers['content-type']) ?? JSON_TYPE;
  const bytes = await readRequestBody(request);
  if (type === JSON_TYPE || type === YAML_TYPE) return { text: bytes.toString(), yaml: type === YAML_TYPE };
  const subresource = subresourcesOf(resource).find(({ name }) => name === route.subresource);
  const definition = subresource?.definition ?? definitionOf(resource.schema);
  if (type !== PROTOBUF_TYPE || definition === undefined) throw unsupportedMediaType();
  return { text: protobufAsJson(bytes, definition), yaml: false };
}

/** The body of a POST or PUT that is not an object of the kind at the path: a Scale, an Eviction. */
export async function readPlainBody(request: ResourceRequest): Promise<JsonObject> {
  const value = parseOrRefuse(await readObjectBody(request), badRequest);
  if (isJsonObject(value)) return value;
  throw badRequest('the body must be an object');
}

/** The DeleteOptions in the body of a DELETE; undefined when there is none. */
export async function readDeleteOptionsBody({ request }: ResourceRequest): Promise<unknown> {
  const bytes = await readRequestBody(request);
  if (bytes.length === 0) return undefined;
  const type = mediaType(request.headers['content-type']) ?? JSON_TYPE;
  if (type === PROTOBUF_TYPE) return JSON.parse(protobufAsJson(bytes, DELETE_OPTIONS)) as unknown;
  if (type !== JSON_TYPE && type !== YAML_TYPE) throw unsupportedMediaType();
  return parseOrRefuse({ text: bytes.toString(), yaml: type === YAML_TYPE }, plainError);
}

function parseOrRefuse(body: TextBody, refuse: (message: string) => Error): unknown {
  try {
    return parseBody(body);
  } catch (error) {
    if (error instanceof BodySyntaxError) throw refuse(error.message);
    throw error;
  }
}

function protobufAsJson(bytes: Buffer, definition: string): string {
  try {
    const { apiVersion, kind, message } = openEnvelope(bytes);
    return JSON.stringify({ apiVersion, kind, ...decodeMessage(definition, message) });
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(error.message);
    // Schemas nest in schemas without an end, and bytes can claim to be any time or number.
    if (error instanceof RangeError) throw badRequest('the message nests too deeply, or has a number out of range');
    throw error;
  }
}

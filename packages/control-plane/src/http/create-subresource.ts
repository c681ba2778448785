import { objectAt, stringAt } from '../access.js';
import type { JsonObject, KubeObject } from '../object.js';
import { admissionRequest, withoutAdmission } from '../resources/admission-request.js';
import { badRequest, methodNotAllowed } from '../resources/errors.js';
import { evictPod } from '../resources/evict-pod.js';
import { patchObject } from '../resources/patch-object.js';
import { apiVersionOf } from '../resources/registry.js';
import { subresourcesOf, type ServedSubresource } from '../resources/subresources.js';
import type { WriteContext, WritePipeline } from '../resources/write-context.js';
import type { StoredObject } from '../storage/table.js';
import type { Accepted } from './negotiation.js';
import { readPlainBody } from './object-body.js';
import { parseDeleteOptions, parseWriteOptions } from './query-options.js';
import { jsonReply, type Reply } from './reply.js';
import { writeContext, type HandlerContext, type ResourceRequest } from './resource-request.js';
import { requestToken } from './token-request.js';

/** POST of a subresource: an action on an object that is there, not an object of its own. */
export async function createSubresource(
  request: ResourceRequest,
  context: HandlerContext,
  accepted: Accepted,
  object: StoredObject,
): Promise<Reply> {
  const options = parseWriteOptions(request.query, 'CreateOptions');
  const { subresource, name = '' } = request.route;
  const target = writeContext(request, options);
  const served = subresourcesOf(request.resource).find((candidate) => candidate.name === subresource);
  if (!served) throw methodNotAllowed();
  const plain = await readPlainBody(request);
  if (subresource === 'eviction' && objectAt(plain, 'metadata')['name'] !== name) {
    throw badRequest('name in URL does not match name in Eviction object');
  }
  const body = await admit(context.pipeline, target, served, name, plain);
  const pipeline = withoutAdmission(context.pipeline);
  switch (subresource) {
    case 'token':
      return jsonReply(201, JSON.stringify(requestToken(object, body, context)), accepted);
    case 'eviction': {
      const { dryRun, ...deletion } = parseDeleteOptions(new URLSearchParams(), body['deleteOptions'] ?? {});
      await evictPod(context.pipeline, { ...target, dryRun: target.dryRun || dryRun }, object, deletion);
      break;
    }
    case 'binding': {
      const document = { spec: { nodeName: stringAt(objectAt(body, 'target'), 'name') } };
      const binding = { ...target, subresource: 'binding' } as const;
      await patchObject(pipeline, binding, name, { type: 'merge', document, duplicates: [] });
      break;
    }
    case undefined:
    default:
      throw methodNotAllowed();
  }
  if (!options.dryRun) request.changed();
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
  return jsonReply(201, JSON.stringify(status), accepted);
}

/** Asks admission about what is posted: an Eviction or Binding counts as made, though it is not kept. */
async function admit(
  pipeline: WritePipeline,
  context: WriteContext,
  { name: subresource, group = '', version = 'v1', kind }: ServedSubresource,
  name: string,
  body: JsonObject,
): Promise<KubeObject> {
  const { namespace } = context;
  const metadata = { ...objectAt(body, 'metadata'), name, ...(namespace === undefined ? {} : { namespace }) };
  const object = { ...body, kind, apiVersion: apiVersionOf({ group, version }), metadata };
  const request = admissionRequest('CREATE', context, { name, subresource, kind: { group, version, kind }, object });
  await pipeline.admission.mutate(request);
  await pipeline.admission.validate(request);
  return object;
}

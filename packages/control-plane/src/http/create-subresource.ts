import { isJsonObject, type JsonObject } from '../object.js';
import { deleteObject } from '../resources/delete-object.js';
import { methodNotAllowed } from '../resources/errors.js';
import { patchObject } from '../resources/patch-object.js';
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
  const body = await readPlainBody(request);
  const options = parseWriteOptions(request.query, 'CreateOptions');
  const { subresource, name = '' } = request.route;
  const target = writeContext(request, options);
  switch (subresource) {
    case 'token':
      return jsonReply(201, JSON.stringify(requestToken(object, body, context)), accepted);
    case 'eviction':
      await deleteObject(
        context.pipeline,
        target,
        name,
        parseDeleteOptions(new URLSearchParams(), body['deleteOptions']),
      );
      break;
    case 'binding': {
      const document = { spec: { nodeName: nodeOf(body) } };
      const binding = { ...target, subresource: 'binding' } as const;
      await patchObject(context.pipeline, binding, name, { type: 'merge', document, duplicates: [] });
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

function nodeOf({ target }: JsonObject): unknown {
  return isJsonObject(target) ? target['name'] : undefined;
}

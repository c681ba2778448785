import type { ActiveFault, FaultInjector } from '../faults/fault-injector.js';
import { parseFault } from '../faults/parse-fault.js';
import { badRequest, methodNotAllowed } from '../resources/errors.js';
import type { ApiRequest } from './messages.js';
import { jsonReply, pageNotFound, type Reply } from './reply.js';
import { readRequestBody } from './request-body.js';

const FAULTS = '/trueup/faults';
const COMPACT = '/trueup/compact';

/**
 * Faults over HTTP, for tests in any language: `POST /trueup/faults` injects one and answers with its id, `GET` lists
 * them, `DELETE` removes them all or, at `/trueup/faults/<id>`, one. `POST /trueup/compact` forgets history.
 *
 * @returns undefined for another path.
 */
export async function answerFaultRequest(
  request: ApiRequest,
  path: string,
  faults: FaultInjector,
): Promise<Reply | undefined> {
  const method = request.method ?? 'GET';
  if (path === COMPACT) {
    if (method !== 'POST') throw methodNotAllowed();
    faults.compact();
    return reply(200, {});
  }
  if (path === FAULTS) return answerCollection(request, method, faults);
  if (!path.startsWith(`${FAULTS}/`)) return undefined;
  if (method !== 'DELETE') throw methodNotAllowed();
  return faults.remove(path.slice(FAULTS.length + 1)) ? reply(200, {}) : pageNotFound();
}

async function answerCollection(request: ApiRequest, method: string, faults: FaultInjector): Promise<Reply> {
  switch (method) {
    case 'GET':
      return reply(200, { items: faults.list().map(fields) });
    case 'POST':
      return reply(201, { id: faults.add(parseFault(await readJson(request))) });
    case 'DELETE':
      faults.clear();
      return reply(200, {});
    default:
      throw methodNotAllowed();
  }
}

function fields({ id, fault, remaining }: ActiveFault): object {
  return { id, ...fault, ...(Number.isFinite(remaining) ? { remaining } : {}) };
}

async function readJson(request: ApiRequest): Promise<unknown> {
  const text = (await readRequestBody(request)).toString();
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw badRequest('the body must be JSON');
  }
}

function reply(status: number, value: object): Reply {
  return jsonReply(status, JSON.stringify(value));
}

import type { ApiReply, ApiRequest } from '../api-client.js';
import { DEFAULT_HEADERS, PATCH_TYPES } from '../api-conventions.js';
import type { CaseContext } from '../case-context.js';
import type { RequestStep } from '../case-format.js';
import { differencesOf, expectNone, type Difference } from '../differences.js';
import { differencesOfReply } from '../expectation.js';
import type { Json } from '../json.js';
import { valueAt } from '../value-path.js';

const UNTIL_MS = 10_000;
const UNTIL_POLL_MS = 50;

/** Sends a request and compares the reply, or repeats it until its condition holds. */
export async function runRequest(context: CaseContext, step: RequestStep): Promise<void> {
  const request = requestOf(context, step);
  const reply = await replyTo(context, step, request);
  context.leftovers.noteReply(request.method, request.path, reply);
  expectNone(differences(context, step, reply));
  if (step.as !== undefined) context.keep(step.as, reply.json ?? reply.text);
  for (const [name, where] of Object.entries(step.capture ?? {})) {
    context.keep(name, captured(reply, context.fillText(where)));
  }
}

/** Several requests at once; which gets which status is left open. */
export async function runConcurrent(
  context: CaseContext,
  steps: readonly RequestStep[],
  statuses: readonly number[],
): Promise<void> {
  const { client } = context.target;
  const replies = await Promise.all(steps.map((step) => client.request(requestOf(context, step))));
  expectNone(differencesOf(statuses, replies.map(({ status }) => status).sort(), { path: 'statuses' }));
}

export function requestOf(context: CaseContext, step: RequestStep): ApiRequest {
  const [method = '', path = ''] = context.fillText(step.request).split(/ (.*)/);
  const body = bodyOf(context, step);
  const contentType = step.patch === undefined ? 'application/json' : PATCH_TYPES[step.patch];
  const given = Object.entries(step.headers ?? {}).map(([name, value]) => [
    name,
    value === null ? null : context.fillText(value),
  ]);
  return {
    method,
    path,
    headers: {
      ...DEFAULT_HEADERS,
      ...(body === undefined ? {} : { 'Content-Type': contentType }),
      ...Object.fromEntries(given),
    },
    ...(body === undefined ? {} : { body }),
    ...(step.auth === undefined ? {} : { as: 'anonymous' as const }),
    ...(step.bearer === undefined ? {} : { as: { token: context.fillText(step.bearer) } }),
    signal: context.signal,
  };
}

function bodyOf(context: CaseContext, { body, rawBody, hexBody }: RequestStep): string | Buffer | undefined {
  if (rawBody !== undefined) return context.fillText(rawBody);
  if (hexBody !== undefined) return Buffer.from(hexBody.replace(/\s/g, ''), 'hex');
  return body === undefined ? undefined : JSON.stringify(context.fill(body));
}

async function replyTo(context: CaseContext, step: RequestStep, request: ApiRequest): Promise<ApiReply> {
  const deadline = performance.now() + (step.within ?? UNTIL_MS);
  for (;;) {
    const reply = await context.target.client.request(request);
    const found = step.until === undefined ? [] : differencesOfReply(context, step.until, reply);
    if (found.length === 0) return reply;
    if (performance.now() > deadline) expectNone(found);
    await context.sleep(UNTIL_POLL_MS);
  }
}

function differences(context: CaseContext, { expect, until }: RequestStep, reply: ApiReply): Difference[] {
  if (expect !== undefined) {
    return differencesOfReply(context, typeof expect === 'number' ? { status: expect } : expect, reply);
  }
  if (until !== undefined || reply.status < 300) return [];
  return [
    { path: 'status', expected: 'success', actual: reply.status },
    { path: 'reply', expected: undefined, actual: reply.text },
  ];
}

/** `header etag`, a path into the body, or `.` for all of it. */
function captured({ headers, json }: ApiReply, where: string): Json {
  const header = /^header (.*)/.exec(where)?.[1];
  if (header !== undefined) return headers[header] ?? null;
  return (where === '.' ? json : valueAt(json, where)) ?? null;
}

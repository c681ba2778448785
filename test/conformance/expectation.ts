import type { ApiReply } from './api-client.js';
import type { CaseContext } from './case-context.js';
import type { Expectation } from './case-format.js';
import { differencesOf, type Difference } from './differences.js';
import { textMatches } from './text-matching.js';
import { valueAt } from './value-path.js';

/** How a reply differs from what a case expects. A wrong status says all: nothing else is compared then. */
export function differencesOfReply(
  context: CaseContext,
  { status, headers = {}, warnings, body, text, paths = {}, absent = [] }: Expectation,
  reply: ApiReply,
): Difference[] {
  if (status !== undefined && status !== reply.status) {
    return [
      { path: 'status', expected: status, actual: reply.status },
      { path: 'reply', expected: valueAt(body, 'message'), actual: valueAt(reply.json, 'message') ?? reply.text },
    ];
  }
  // A whole body speaks of the Warning headers, too.
  const expectedWarnings = warnings ?? (body === undefined ? undefined : []);
  const expectedText = text === undefined ? undefined : context.fillText(text);
  return [
    ...Object.entries(headers).flatMap(([name, value]) =>
      differencesOf(context.fillText(value), reply.headers[name.toLowerCase()], { path: `header ${name}` }),
    ),
    ...(expectedWarnings === undefined
      ? []
      : differencesOf(context.fill(expectedWarnings), reply.warnings, { path: 'warnings' })),
    ...(expectedText === undefined || textMatches(expectedText, reply.text)
      ? []
      : [{ path: 'text', expected: expectedText, actual: reply.text }]),
    ...(body === undefined ? [] : differencesOf(context.fill(body), reply.json)),
    ...Object.entries(context.fillObject(paths)).flatMap(([path, value]) =>
      differencesOf(value, valueAt(reply.json, path), { path }),
    ),
    ...absent.flatMap((path) => differencesOf('<absent>', valueAt(reply.json, context.fillText(path)), { path })),
  ];
}

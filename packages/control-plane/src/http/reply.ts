import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { dump } from 'js-yaml';
import { StatusError, type Status } from '../status-error.js';
import type { ApiRequest, ApiResponse } from './messages.js';
import { errorEncoding, JSON_TYPE, YAML_TYPE, type Accepted } from './negotiation.js';

/** Bodies above this are compressed for clients that take gzip. */
const GZIP_FROM_BYTES = 128 * 1024;
const compress = promisify(gzip);
const ENCODING = 'Accept-Encoding';

/** A whole answer. */
export interface Reply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export function textReply(status: number, body: string): Reply {
  return { status, contentType: 'text/plain; charset=utf-8', body, headers: { 'X-Content-Type-Options': 'nosniff' } };
}

/** The answer to a path that leads nowhere. */
export function pageNotFound(): Reply {
  return textReply(404, '404 page not found\n');
}

/** JSON text in the encoding that was negotiated. */
export function jsonReply(
  status: number,
  json: string,
  { encoding, pretty }: Pick<Accepted, 'encoding' | 'pretty'> = { encoding: 'json', pretty: false },
  headers?: Readonly<Record<string, string>>,
): Reply {
  const extra = headers === undefined ? {} : { headers };
  if (encoding === 'yaml') {
    const body = dump(JSON.parse(json) as unknown, { sortKeys: true, lineWidth: -1, noRefs: true });
    return { status, contentType: YAML_TYPE, body, ...extra };
  }
  const body = pretty ? JSON.stringify(JSON.parse(json) as unknown, null, 2) : json;
  return { status, contentType: JSON_TYPE, body: `${body}\n`, ...extra };
}

/** The Status of an error; anything that is no StatusError is the server's own failure, told as it is. */
export function statusOf(error: unknown): Status {
  if (error instanceof StatusError) return error.toStatus();
  return new StatusError(500, undefined, error instanceof Error ? error.message : String(error)).toStatus();
}

export function errorReply(error: unknown, accept: string | undefined, pretty: boolean): Reply {
  const status = statusOf(error);
  const retryAfter = status.details?.retryAfterSeconds;
  return jsonReply(
    status.code ?? 500,
    JSON.stringify(status),
    { encoding: errorEncoding(accept), pretty },
    retryAfter === undefined || retryAfter === 0 ? undefined : { 'Retry-After': String(retryAfter) },
  );
}

/** Priority and fairness as a client sees it: which flow and level a request was sorted into. There is one of each here. */
const FLOW_SCHEMA_UID = randomUUID();
const PRIORITY_LEVEL_UID = randomUUID();

/** Headers of every answer. */
export function setCommonHeaders(request: ApiRequest, response: ApiResponse, now: Date): void {
  response.setHeader('Date', httpDate(now));
  const audit = request.headers['audit-id'];
  response.setHeader('Audit-Id', typeof audit === 'string' && audit !== '' ? audit : randomUUID());
  response.setHeader('Cache-Control', 'no-cache, private');
  response.setHeader('X-Kubernetes-Pf-Flowschema-Uid', FLOW_SCHEMA_UID);
  response.setHeader('X-Kubernetes-Pf-Prioritylevel-Uid', PRIORITY_LEVEL_UID);
}

let latest = { second: NaN, text: '' };

/** In whole seconds: answers of the same one share the text. */
function httpDate(moment: Date): string {
  const second = Math.floor(moment.getTime() / 1000);
  if (second !== latest.second) latest = { second, text: moment.toUTCString() };
  return latest.text;
}

/** What all warnings of an answer may have in characters, and each of them when they have more. */
const WARNINGS_LIMIT = 4096;
const WARNING_LIMIT = 256;

export function setWarnings(response: ApiResponse, warnings: ReadonlySet<string>): void {
  if (warnings.size > 0) response.setHeader('Warning', shortened([...warnings]).map(warningHeader));
}

function shortened(texts: readonly string[]): readonly string[] {
  if (texts.reduce((sum, { length }) => sum + length, 0) <= WARNINGS_LIMIT) return texts;
  const kept: string[] = [];
  for (let length = 0, next = 0; length < WARNINGS_LIMIT && next < texts.length; next++) {
    const characters = Array.from((texts[next] ?? '').slice(0, 2 * WARNING_LIMIT)).slice(0, WARNING_LIMIT);
    kept.push(characters.join(''));
    length += characters.length;
  }
  return kept;
}

/** In UTF-8, as Go writes headers; Node takes one character for each byte. */
function warningHeader(text: string): string {
  const printable = text.replace(/[\\"]/g, '\\$&').replace(/[\x00-\x1f\x7f]/g, ' ');
  return `299 - "${Buffer.from(printable).toString('latin1')}"`;
}

export async function sendReply(request: ApiRequest, response: ApiResponse, reply: Reply): Promise<void> {
  response.statusCode = reply.status;
  response.setHeader('Content-Type', reply.contentType);
  for (const [name, value] of Object.entries(reply.headers ?? {})) response.setHeader(name, value);
  // Whoever took too long to send a body is not waited for any more.
  if (reply.status === 504 && !request.complete) response.setHeader('Connection', 'close');
  let body: string | Buffer = reply.body;
  let length = Buffer.byteLength(body);
  if (length > GZIP_FROM_BYTES && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    body = await compress(body, { level: 1 });
    length = body.length;
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader(
      'Vary',
      reply.headers?.['Vary'] === undefined ? ENCODING : `${reply.headers['Vary']}, ${ENCODING}`,
    );
  }
  if (reply.status === 304) {
    response.end();
    return;
  }
  response.setHeader('Content-Length', length);
  response.end(body);
}

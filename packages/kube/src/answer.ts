import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errorFromStatus, ServerError, type KubeError } from './errors.js';
import type { HttpAnswer, HttpResponse } from './http-message.js';
import type { Operation } from './operation.js';
import { retryAfterMs } from './retry-policy.js';
import { isStatus } from './status.js';

const unpack = promisify(gunzip);

/** The body of an answer, unpacked. */
export async function bodyOf({ headers, bytes }: Pick<HttpAnswer, 'headers' | 'bytes'>): Promise<Buffer> {
  return headers['content-encoding'] === 'gzip' ? unpack(bytes) : bytes;
}

/** The same of an answer of which only the beginning was read. */
export async function readBody({ headers, body }: HttpResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  body.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(body, { writable: false });
  return bodyOf({ headers, bytes: Buffer.concat(chunks) });
}

/** @throws {@link ServerError} when the body is not JSON. */
export function parseAnswer<T>(operation: Operation, status: number, bytes: Buffer): T {
  const answer = tryParse(bytes);
  if (typeof answer === 'object' && answer !== null) return answer as T;
  throw new ServerError({ operation, status, reason: 'Unknown', message: 'the answer is not JSON', causes: [] });
}

/** An answer without its body. */
export type AnswerHead = Pick<HttpAnswer, 'statusCode' | 'headers'>;

/** An answer of 400 and above. */
export interface Refusal {
  readonly error: KubeError;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

export function refusalOf(
  operation: Operation,
  { statusCode, headers }: AnswerHead,
  bytes: Buffer,
  nowMs: number,
): Refusal {
  const body = tryParse(bytes);
  const status = isStatus(body) ? body : undefined;
  const header = headers['retry-after'];
  const waitMs = retryAfterMs(Array.isArray(header) ? header[0] : header, nowMs);
  return {
    error: errorFromStatus(operation, statusCode, status, waitMs),
    status: statusCode,
    retryAfterMs: waitMs,
  };
}

function tryParse(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

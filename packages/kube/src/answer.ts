import { finished } from 'node:stream/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errorFromStatus, ServerError, type KubeError } from './errors.js';
import type { HttpResponse } from './http-message.js';
import type { Operation } from './operation.js';
import { retryAfterMs } from './retry-policy.js';
import { isStatus } from './status.js';

const unpack = promisify(gunzip);

/** The whole body of an answer, unpacked. */
export async function readBody({ headers, body }: HttpResponse): Promise<Buffer> {
  const chunks: Buffer[] = [];
  body.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(body, { writable: false });
  const bytes = Buffer.concat(chunks);
  return headers['content-encoding'] === 'gzip' ? unpack(bytes) : bytes;
}

/** @throws {@link ServerError} when the body is not JSON. */
export function parseAnswer<T>(operation: Operation, status: number, bytes: Buffer): T {
  const answer = tryParse(bytes);
  if (typeof answer === 'object' && answer !== null) return answer as T;
  throw new ServerError({ operation, status, reason: 'Unknown', message: 'the answer is not JSON', causes: [] });
}

/** An answer of 400 and above. */
export interface Refusal {
  readonly error: KubeError;
  readonly status: number;
  readonly retryAfterMs: number | undefined;
}

export function refusalOf(
  operation: Operation,
  { statusCode, headers }: HttpResponse,
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

import { isRead, type Verb } from './operation.js';

/** Delay before a further attempt, drawn evenly from zero to a ceiling that doubles ("full jitter"). */
export function fullJitterMs(
  attempt: number,
  { baseMs, capMs, random }: { readonly baseMs: number; readonly capMs: number; readonly random: () => number },
): number {
  return random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));
}

/** Milliseconds a `Retry-After` header asks for: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  if (header === undefined || header === '') return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** How an attempt ended that may be worth another. */
export type FailedAttempt =
  | { readonly status: number; readonly retryAfterMs: number | undefined }
  /** The connection failed: nobody knows whether the server acted. */
  | { readonly status?: undefined; readonly retryAfterMs?: undefined };

const MAX_RETRIES = 4;
const MAX_NETWORK_RETRIES = 2;

/**
 * How long to wait before trying a request again; undefined to give up.
 *
 * A server that sends 429, or a `Retry-After` with a 5xx, has not acted, so that even a create may be repeated. After
 * any other failure only reads are.
 *
 * @param attempt - Zero after the first try.
 */
export function retryDelayMs(
  failure: FailedAttempt,
  { verb, attempt, random }: { readonly verb: Verb; readonly attempt: number; readonly random: () => number },
): number | undefined {
  const jitter = fullJitterMs(attempt, { baseMs: 200, capMs: 5_000, random });
  if (failure.status === undefined) {
    return isRead(verb) && attempt < MAX_NETWORK_RETRIES ? jitter : undefined;
  }
  if (attempt >= MAX_RETRIES) return undefined;
  // Added, not drawn below: coming back earlier than asked only makes it worse.
  if (failure.retryAfterMs !== undefined && (failure.status === 429 || failure.status >= 500)) {
    return failure.retryAfterMs + jitter;
  }
  if (failure.status === 429) return 1_000 + jitter;
  return isRead(verb) && [502, 503, 504].includes(failure.status) ? jitter : undefined;
}

import { objectsAt, statusOf, stringAt } from '../access.js';
import type { LogLine, PodLogs } from '../controllers/workloads/pod-logs.js';
import { isJsonObject } from '../object.js';
import { badRequest } from '../resources/errors.js';
import type { StoredObject } from '../storage/table.js';
import { isClosed, send, sendHeaders, type ApiResponse } from './messages.js';
import { containerOf } from './pod-container.js';
import { textReply, type Reply } from './reply.js';

/** The options of a PodLogOptions that mean something where nothing really runs. */
interface LogOptions {
  readonly follow: boolean;
  readonly timestamps: boolean;
  /** Epoch milliseconds. */
  readonly since: number;
  readonly tail: number;
  readonly limitBytes: number;
}

/**
 * Answers `pods/log` with what was written to the log of a container; with `follow` it goes on until the pod is gone.
 *
 * @param logs - Absent: no pods are played, and all logs are empty.
 * @throws StatusError 400 for a container that there is not, or that has not come up.
 */
export function podLog(
  pod: StoredObject,
  query: URLSearchParams,
  { response, logs, now }: { readonly response: ApiResponse; readonly logs: PodLogs | undefined; readonly now: Date },
): Reply | 'sent' {
  const container = containerOf(pod, query.get('container') ?? '');
  const options = parseOptions(query, now);
  checkStarted(pod, container, query.get('previous') === 'true');
  const { uid = '' } = pod.metadata;
  const past = (logs?.lines(uid, container) ?? []).filter(({ time }) => time.getTime() >= options.since);
  const text = past
    .slice(Math.max(0, past.length - options.tail))
    .map((line) => format(line, options))
    .join('');
  const limited = Buffer.from(text).subarray(0, options.limitBytes).toString();
  if (!options.follow || !logs || Buffer.byteLength(text) >= options.limitBytes) {
    return { ...textReply(200, limited), contentType: 'text/plain' };
  }
  follow(response, logs, uid, container, options, limited);
  return 'sent';
}

function follow(
  response: ApiResponse,
  logs: PodLogs,
  uid: string,
  container: string,
  options: LogOptions,
  text: string,
): void {
  response.statusCode = 200;
  response.setHeader('Content-Type', 'text/plain');
  sendHeaders(response);
  if (text !== '') send(response, text);
  let left = options.limitBytes - Buffer.byteLength(text);
  const end = (): void => {
    unfollow();
    if (!isClosed(response)) response.end();
  };
  const unfollow = logs.follow(uid, container, {
    line(line) {
      const bytes = Buffer.from(format(line, options)).subarray(0, left);
      left -= bytes.length;
      if (!isClosed(response)) send(response, bytes.toString());
      if (left <= 0) end();
    },
    ended: end,
  });
  response.on('close', unfollow);
}

function format({ time, text }: LogLine, { timestamps }: LogOptions): string {
  return timestamps ? `${time.toISOString()} ${text}\n` : `${text}\n`;
}

/** @throws StatusError 400 when the container has not run, or not before as is asked. */
function checkStarted(pod: StoredObject, container: string, isPrevious: boolean): void {
  const statuses = [
    ...objectsAt(statusOf(pod), 'containerStatuses'),
    ...objectsAt(statusOf(pod), 'initContainerStatuses'),
  ];
  const status = statuses.find(({ name }) => name === container);
  const hasRunBefore = typeof status?.['restartCount'] === 'number' && status['restartCount'] > 0;
  const { name = '' } = pod.metadata;
  if (isPrevious && !hasRunBefore) {
    throw badRequest(`previous terminated container "${container}" in pod "${name}" not found`);
  }
  const state = status?.['state'];
  const waiting = isJsonObject(state) ? state['waiting'] : undefined;
  if (isJsonObject(waiting) && !hasRunBefore) {
    throw badRequest(`container "${container}" in pod "${name}" is waiting to start: ${stringAt(waiting, 'reason')}`);
  }
}

function parseOptions(query: URLSearchParams, now: Date): LogOptions {
  const seconds = integer(query, 'sinceSeconds', 1);
  const time = Date.parse(query.get('sinceTime') ?? '');
  const since = seconds === undefined ? (Number.isNaN(time) ? 0 : time) : now.getTime() - seconds * 1000;
  return {
    follow: query.get('follow') === 'true',
    timestamps: query.get('timestamps') === 'true',
    since,
    tail: integer(query, 'tailLines', 0) ?? Infinity,
    limitBytes: integer(query, 'limitBytes', 1) ?? Infinity,
  };
}

/** @throws StatusError 400 for what is no integer, or less than the least. */
function integer(query: URLSearchParams, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw badRequest(`${name}: must be an integer from ${String(least)}`);
}

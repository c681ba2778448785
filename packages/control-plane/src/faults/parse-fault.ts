import { isJsonObject, type JsonObject } from '../object.js';
import { badRequest } from '../resources/errors.js';
import type { Fault, FaultEffect, FaultMatch } from './fault.js';

const TYPES: readonly FaultEffect['type'][] = [
  'status',
  'latency',
  'reset',
  'cut-watch',
  'stall-watch',
  'expire-watch',
  'drop-bookmarks',
  'repeat-events',
  'halve-events',
  'hide-group',
  'skew-clock',
];
const LONGEST_SKEW_MS = 31_536_000_000;
const MATCHED = ['verb', 'group', 'resource', 'subresource', 'namespace', 'name', 'user'] as const;

/**
 * Reads a fault that came as JSON.
 *
 * @throws StatusError 400 naming the field that is wrong.
 */
export function parseFault(value: unknown): Fault {
  if (!isJsonObject(value)) throw badRequest('a fault is an object, {"type": "status", "code": 503}');
  const { match, times, ...rest } = value;
  const effect = parseEffect(rest);
  if (effect.type === 'hide-group' || effect.type === 'skew-clock') {
    if (match !== undefined) throw badRequest(`match: a fault of type ${effect.type} meets everybody`);
    if (times !== undefined) throw badRequest(`times: a fault of type ${effect.type} lasts until it is removed`);
  }
  return {
    ...effect,
    ...(match === undefined ? {} : { match: parseMatch(match) }),
    ...(times === undefined ? {} : { times: integer(times, 'times', 1, Number.MAX_SAFE_INTEGER) }),
  };
}

function parseEffect({ type, ...fields }: JsonObject): FaultEffect {
  switch (type) {
    case 'status': {
      const { code, reason, message, retryAfterSeconds, ...rest } = fields;
      refuse(rest);
      return {
        type,
        code: integer(code, 'code', 400, 599),
        ...(reason === undefined ? {} : { reason: text(reason, 'reason') }),
        ...(message === undefined ? {} : { message: text(message, 'message') }),
        ...(retryAfterSeconds === undefined
          ? {}
          : { retryAfterSeconds: integer(retryAfterSeconds, 'retryAfterSeconds', 0, 86_400) }),
      };
    }
    case 'latency': {
      const { ms, ...rest } = fields;
      refuse(rest);
      return { type, ms: integer(ms, 'ms', 0, 3_600_000) };
    }
    case 'reset': {
      const { when, ...rest } = fields;
      refuse(rest);
      if (when !== 'before' && when !== 'after') throw badRequest('when: must be "before" or "after"');
      return { type, when };
    }
    case 'cut-watch':
    case 'stall-watch':
    case 'expire-watch':
    case 'drop-bookmarks':
    case 'repeat-events':
    case 'halve-events':
      refuse(fields);
      return { type };
    case 'hide-group': {
      const { group, ...rest } = fields;
      refuse(rest);
      return { type, group: text(group, 'group') };
    }
    case 'skew-clock': {
      const { ms, ...rest } = fields;
      refuse(rest);
      return { type, ms: integer(ms, 'ms', -LONGEST_SKEW_MS, LONGEST_SKEW_MS) };
    }
    default:
      throw badRequest(`type: must be one of ${TYPES.join(', ')}`);
  }
}

function parseMatch(value: unknown): FaultMatch {
  if (!isJsonObject(value)) throw badRequest('match: must be an object');
  const unknown = Object.keys(value).find((key) => !MATCHED.some((known) => known === key));
  if (unknown !== undefined) throw badRequest(`match.${unknown}: unknown field; there are ${MATCHED.join(', ')}`);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, text(item, `match.${key}`)]));
}

function refuse(fields: JsonObject): void {
  const [unknown] = Object.keys(fields);
  if (unknown !== undefined) throw badRequest(`${unknown}: unknown field for a fault of this type`);
}

function text(value: unknown, field: string): string {
  if (typeof value !== 'string') throw badRequest(`${field}: must be a string`);
  return value;
}

function integer(value: unknown, field: string, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  throw badRequest(`${field}: must be an integer from ${String(least)} to ${String(most)}`);
}

import { formatGoDuration, parseGoDuration, type Stored } from '@trueup/core';
import type { EmbeddedAuthServer } from '../schema/embedded-auth-server-schema.js';
import { quoted, type AuthServerProblem } from './auth-server-problem.js';

type Server = Stored<EmbeddedAuthServer>;

const SECOND = 1_000_000_000n;
const MINUTE = 60n * SECOND;
const HOUR = 60n * MINUTE;

/** How long what a server issues may be good for, at least and at most. */
const LIFESPANS = [
  {
    field: 'accessTokenLifespan',
    name: 'access token lifespan',
    short: 'access token lifespan',
    least: MINUTE,
    most: 24n * HOUR,
  },
  {
    field: 'refreshTokenLifespan',
    name: 'refresh token lifespan',
    short: 'refresh token lifespan',
    least: HOUR,
    most: 720n * HOUR,
  },
  {
    field: 'authCodeLifespan',
    name: 'authorization code lifespan',
    short: 'auth code lifespan',
    least: 30n * SECOND,
    most: 10n * MINUTE,
  },
] as const;

/** The first lifespan a server does not start with. */
export function lifespansProblem({ tokenLifespans = {} }: Server): AuthServerProblem | undefined {
  for (const { field, name, short, least, most } of LIFESPANS) {
    const text = tokenLifespans[field];
    const lifespan = text ? parseGoDuration(text) : least;
    const path = `tokenLifespans.${field}`;
    if (lifespan === undefined)
      return { path, message: `invalid ${short}: ${quoted(text ?? '')} is not a duration like 1h30m` };
    if (lifespan < least || lifespan > most) {
      return { path, message: `${name} must be between ${formatGoDuration(least)} and ${formatGoDuration(most)}` };
    }
  }
  return undefined;
}

/** What is wrong with the cache of client metadata documents. */
export function clientMetadataProblem({ cimd }: Server): AuthServerProblem | undefined {
  if (cimd?.enabled !== true) return undefined;
  const { cacheMaxSize = 0, cacheFallbackTtl } = cimd;
  if (cacheMaxSize < 0) {
    return {
      path: 'cimd.cacheMaxSize',
      message: `cimd: cache_max_size must be non-negative when CIMD is enabled, got ${cacheMaxSize}`,
    };
  }
  const problem = cacheFallbackTtl ? fallbackProblem(cacheFallbackTtl) : undefined;
  return problem === undefined
    ? undefined
    : { path: 'cimd.cacheFallbackTtl', message: `cimd: cache_fallback_ttl${problem}` };
}

function fallbackProblem(text: string): string | undefined {
  const ttl = parseGoDuration(text);
  if (ttl === undefined) return `: ${quoted(text)} is not a duration like 5m`;
  return ttl > 0n ? undefined : ` must be positive when CIMD is enabled, got ${formatGoDuration(ttl)}`;
}

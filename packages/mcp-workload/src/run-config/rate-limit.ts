import { formatGoDuration, parseGoDuration } from '@trueup/core';
import type { RateLimitSection, TokenBucketSection } from './sections.js';

/** Limits as workloads declare them. Periods are Go durations in any spelling. */
export interface RateLimits {
  readonly shared?: TokenBucket;
  readonly perUser?: TokenBucket;
  readonly tools?: readonly { readonly name: string; readonly shared?: TokenBucket; readonly perUser?: TokenBucket }[];
}

export interface TokenBucket {
  readonly maxTokens: number;
  readonly refillPeriod: string;
}

/** What is wrong with a period, by field path; undefined when all can be used. */
export function refillPeriodProblem(limits: RateLimits): string | undefined {
  for (const [path, bucket] of buckets(limits)) {
    const period = parseGoDuration(bucket.refillPeriod);
    if (period === undefined) return `${path}.refillPeriod: "${bucket.refillPeriod}" is not a duration like 30s or 1m`;
    if (period <= 0n) return `${path}.refillPeriod: ${bucket.refillPeriod} must be greater than zero`;
  }
  return undefined;
}

/** True when any bucket counts per user, which takes knowing who the user is. */
export function countsUsers({ perUser, tools = [] }: RateLimits): boolean {
  return perUser !== undefined || tools.some((tool) => tool.perUser !== undefined);
}

/** The section, with periods in the one spelling that checksums may depend on. */
export function rateLimitSection({ shared, perUser, tools = [] }: RateLimits): RateLimitSection {
  return {
    ...both({ shared, perUser }),
    ...(tools.length > 0 && { tools: tools.map(({ name, ...limits }) => ({ name, ...both(limits) })) }),
  };
}

type Pair = { readonly shared?: TokenBucket | undefined; readonly perUser?: TokenBucket | undefined };

function both({ shared, perUser }: Pair): { shared?: TokenBucketSection; perUser?: TokenBucketSection } {
  return { ...(shared && { shared: normalised(shared) }), ...(perUser && { perUser: normalised(perUser) }) };
}

function normalised({ maxTokens, refillPeriod }: TokenBucket): TokenBucketSection {
  return { maxTokens, refillPeriod: formatGoDuration(parseGoDuration(refillPeriod) ?? 0n) };
}

function* buckets({ shared, perUser, tools = [] }: RateLimits): Iterable<readonly [string, TokenBucket]> {
  if (shared !== undefined) yield ['rateLimiting.shared', shared];
  if (perUser !== undefined) yield ['rateLimiting.perUser', perUser];
  for (const [index, tool] of tools.entries()) {
    if (tool.shared !== undefined) yield [`rateLimiting.tools[${index}].shared`, tool.shared];
    if (tool.perUser !== undefined) yield [`rateLimiting.tools[${index}].perUser`, tool.perUser];
  }
}

import type { StoredServer } from '../stored-server.js';
import type { Strategy } from './strategy.js';

/** Upstreams of a server's own authorization server, by the names under which it keeps their tokens; none without one. */
export function upstreamNames({ spec }: StoredServer): readonly string[] {
  return (spec.authServerConfig?.upstreamProviders ?? []).map(({ name }) => name || 'default');
}

/**
 * Says whose token is exchanged, where a strategy leaves that open and the server has upstreams: that of the first one.
 * @returns undefined for an assertion that could be asked for on the strength of several upstreams.
 */
export function withSubjectProvider(strategy: Strategy, upstreams: readonly string[]): Strategy | undefined {
  const [first] = upstreams;
  if (first === undefined) return strategy;
  const { tokenExchange, awsSts, xaa } = strategy;
  if (tokenExchange && !tokenExchange.subjectProviderName) {
    return { ...strategy, tokenExchange: { ...tokenExchange, subjectProviderName: first } };
  }
  if (awsSts && !awsSts.subjectProviderName) {
    return { ...strategy, awsSts: { ...awsSts, subjectProviderName: first } };
  }
  if (xaa && !xaa.subjectProviderName) {
    return upstreams.length > 1 ? undefined : { ...strategy, xaa: { ...xaa, subjectProviderName: first } };
  }
  return strategy;
}

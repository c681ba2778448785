import { verdict, type EnvVar, type Verdict } from '@trueup/core';
import type { MCPExternalAuthConfig, OboHandler } from '@trueup/mcp-external-auth-config';
import { upstreamInjectProblem } from '@trueup/mcp-auth-server';
import { byBytes } from '@trueup/mcp-workload';
import type { StoredServer } from '../stored-server.js';
import { externalAuthConfigOf, nameOf, type GroupMember } from './group-member.js';
import { judgeExternalAuth, type JudgedExternalAuth } from './judged-external-auth.js';
import {
  AMBIGUOUS_SUBJECT,
  authWithoutConfig,
  failedAuth,
  validAuth,
  type AuthPlace,
  type StoredBackendAuth,
} from './outgoing-auth-verdicts.js';
import { UNAUTHENTICATED, type OutgoingAuth, type Strategy } from './strategy.js';
import { upstreamNames, withSubjectProvider } from './subject-provider.js';

/** What the credentials of a server's backends follow from. */
export interface OutgoingAuthSources {
  readonly server: StoredServer;
  readonly members: readonly GroupMember[];
  /** The config of this name; asked once for each name. */
  externalAuthConfig(name: string): MCPExternalAuthConfig | undefined;
  readonly obo: OboHandler;
}

/** How each backend is called, and what is to be said about it. */
export interface ResolvedOutgoingAuth {
  /** For the configuration of the server. */
  readonly outgoing: OutgoingAuth;
  /** Backends that are not to be called, since what they would be called with cannot be used. */
  readonly failed: ReadonlySet<string>;
  readonly outcomes: OutgoingAuthOutcomes;
  /** Configs that have no verdict as they are now; until they have, nothing should be rolled out. */
  readonly beingJudged: readonly string[];
  /** The secrets of all that, sorted by name. */
  readonly env: readonly EnvVar[];
}

/** What the conditions about credentials say. None of them keeps the other backends from being served. */
export interface OutgoingAuthOutcomes {
  /** `DefaultAuthConfig`. */
  readonly default: Verdict;
  /** `BackendAuthConfig-…`, by the key in `spec.outgoingAuth.backends`. */
  readonly backends: ReadonlyMap<string, Verdict>;
  /** `DiscoveredAuthConfig-…`, by the name of the member. */
  readonly discovered: ReadonlyMap<string, Verdict>;
}

/** Finds out how a server calls its backends: as the spec says, else as each of them says itself. */
export function resolveOutgoingAuth(sources: OutgoingAuthSources): ResolvedOutgoingAuth {
  const { outgoingAuth } = sources.server.spec;
  const credentials = new Credentials(sources);
  const overrides = Object.entries(outgoingAuth?.backends ?? {}).sort(([a], [b]) => byBytes(a, b));
  const replaced = new Set(overrides.flatMap(([name, auth]) => (auth?.type === 'discovered' ? [] : [name])));

  const discovered = new Map<string, Use>();
  for (const member of sources.members) {
    const config = externalAuthConfigOf(member);
    const name = nameOf(member);
    if (config === undefined) continue;
    discovered.set(name, credentials.of(config, 'Discovered', replaced.has(name) ? undefined : name));
  }
  const chosen = new Map(
    overrides.map(([name, auth]) => [name, choose(credentials, 'Backend', name, auth, discovered.get(name))] as const),
  );
  const fallback = outgoingAuth?.default && choose(credentials, 'Default', 'default', outgoingAuth.default);

  const isInline = outgoingAuth?.source === 'inline';
  const own = [...discovered].filter(([name]) => !chosen.has(name));
  const written = isInline ? [...own, ...chosen] : [...chosen];
  const failed = [...own, ...chosen].flatMap(([name, { strategy }]) => (strategy === undefined ? [name] : []));
  const secretUsers = [...written.map(([, use]) => use), ...(isInline ? [] : discovered.values()), fallback];
  return {
    outgoing: {
      source: isInline ? 'inline' : 'discovered',
      ...(fallback?.strategy && { default: fallback.strategy }),
      backends: Object.fromEntries(written.flatMap(([name, { strategy }]) => (strategy ? [[name, strategy]] : []))),
      failedBackends: isInline ? [] : failed.filter((name) => chosen.has(name)),
    },
    failed: new Set(failed),
    outcomes: {
      default: fallback?.verdict ?? verdict.absent,
      backends: verdictsOf(chosen),
      discovered: verdictsOf(discovered),
    },
    beingJudged: credentials.beingJudged,
    env: outgoingAuth === undefined ? [] : distinct(secretUsers.flatMap((use) => use?.env ?? [])),
  };
}

/** What one place makes of its config. Without a strategy it cannot be used there. */
interface Use {
  readonly strategy?: Strategy;
  readonly env?: readonly EnvVar[];
  readonly verdict: Verdict;
}

/** The configs that hold credentials, each judged once however many places name it. */
class Credentials {
  readonly #judged = new Map<string, JudgedExternalAuth>();
  readonly #upstreams: readonly string[];

  constructor(private readonly sources: Pick<OutgoingAuthSources, 'server' | 'externalAuthConfig' | 'obo'>) {
    this.#upstreams = upstreamNames(sources.server);
  }

  /** Those without a verdict as they are now. */
  get beingJudged(): readonly string[] {
    return [...this.#judged].flatMap(([name, { state }]) => (state === 'beingJudged' ? [name] : [])).sort(byBytes);
  }

  /** @param backend - Which is called by it, so that it must be plain whose token is presented; undefined for none. */
  of(config: string, place: AuthPlace, backend: string | undefined): Use {
    const judged = this.#judge(config);
    if (judged.state === 'beingJudged') return { verdict: judged.verdict };
    if (judged.state === 'refused') {
      const where = place === 'Discovered' && judged.isUnsuitable ? 'failed to convert MCPExternalAuthConfig: ' : '';
      return { verdict: failedAuth(place, judged.reason, `${where}${judged.problem}`) };
    }
    const { env, remark } = judged;
    if (backend === undefined) return { strategy: judged.strategy, env, verdict: validAuth(place, remark) };
    const strategy = withSubjectProvider(judged.strategy, this.#upstreams);
    if (strategy === undefined) return { verdict: failedAuth(place, 'AmbiguousSubjectProvider', AMBIGUOUS_SUBJECT) };
    const problem = this.#upstreamProblem(strategy, place, backend);
    if (problem !== undefined) return { verdict: failedAuth(place, 'ConversionFailed', problem) };
    return { strategy, env, verdict: validAuth(place, remark) };
  }

  /** Of a backend that the server finds by itself; the others are in its configuration, which is judged as a whole. */
  #upstreamProblem({ upstreamInject }: Strategy, place: AuthPlace, backend: string): string | undefined {
    const isFound = place === 'Discovered' && this.sources.server.spec.outgoingAuth?.source !== 'inline';
    if (upstreamInject === undefined || !isFound || this.#upstreams.length === 0) return undefined;
    return upstreamInjectProblem({ ...upstreamInject, backend }, this.#upstreams);
  }

  #judge(name: string): JudgedExternalAuth {
    const known = this.#judged.get(name);
    if (known !== undefined) return known;
    const judged = judgeExternalAuth(name, this.sources.externalAuthConfig(name), this.sources.obo);
    this.#judged.set(name, judged);
    return judged;
  }
}

/**
 * What the spec says about a backend, or about all that say nothing themselves.
 * @param discovered - What the backend says itself, for an entry that says no more than that.
 */
function choose(
  credentials: Credentials,
  place: AuthPlace,
  backend: string,
  auth: StoredBackendAuth,
  discovered: Use = { strategy: UNAUTHENTICATED, verdict: verdict.absent },
): Use {
  const config = auth?.type === 'externalAuthConfigRef' ? auth.externalAuthConfigRef?.name : undefined;
  if (config) return credentials.of(config, place, backend);
  const said = authWithoutConfig(place, backend, auth);
  return auth?.type === 'discovered' && place === 'Backend' ? { ...discovered, verdict: said } : { verdict: said };
}

function verdictsOf(uses: ReadonlyMap<string, Use>): ReadonlyMap<string, Verdict> {
  return new Map([...uses].map(([name, use]) => [name, use.verdict]));
}

/** One variable of each name, sorted: equal names have equal sources. */
function distinct(env: readonly EnvVar[]): readonly EnvVar[] {
  const byName = new Map(env.map((variable) => [variable.name, variable]));
  return [...byName.values()].sort((a, b) => byBytes(a.name, b.name));
}

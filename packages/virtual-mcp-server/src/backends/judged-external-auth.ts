import { findCondition, isSpecError, verdict, type Verdict } from '@trueup/core';
import type { MCPExternalAuthConfig, OboHandler } from '@trueup/mcp-external-auth-config';
import { strategy } from '../config-document/format/authentication.js';
import { convertExternalAuth, type ConvertedAuth } from './convert-external-auth.js';
import { beingJudged, invalidProblem, missingProblem } from './outgoing-auth-verdicts.js';
import { UNAUTHENTICATED } from './strategy.js';

/** What became of a config that says how to call a backend. */
export type JudgedExternalAuth =
  | ({ readonly state: 'usable' } & ConvertedAuth)
  /** There is no verdict on it as it is now; the condition says that much, or what it said before. */
  | { readonly state: 'beingJudged'; readonly verdict: Verdict }
  | {
      readonly state: 'refused';
      readonly reason: string;
      readonly problem: string;
      /** The config itself is fine, but no backend can be called by it. */
      readonly isUnsuitable?: true;
    };

/** Judges a config for all places that name it. */
export function judgeExternalAuth(
  name: string,
  config: MCPExternalAuthConfig | undefined,
  obo: OboHandler,
): JudgedExternalAuth {
  if (config === undefined) return { state: 'refused', reason: 'ConversionFailed', problem: missingProblem(name) };
  const valid = findCondition(config.status?.conditions, 'Valid');
  if (valid === undefined || valid.status === 'Unknown') return { state: 'beingJudged', verdict: beingJudged(name) };
  // A config that is being deleted is not judged any more.
  const { generation = 0, deletionTimestamp } = config.metadata;
  if (deletionTimestamp === undefined && (valid.observedGeneration ?? 0) < generation) {
    return { state: 'beingJudged', verdict: verdict.unchanged };
  }
  if (valid.status === 'False') {
    const reason = valid.reason || 'InvalidExternalAuthConfig';
    return { state: 'refused', reason, problem: invalidProblem(reason, valid.message) };
  }
  return converted(config, obo);
}

function converted(config: MCPExternalAuthConfig, obo: OboHandler): JudgedExternalAuth {
  try {
    const made = convertExternalAuth(config, obo);
    const canonical = strategy.read(made.strategy, `MCPExternalAuthConfig ${config.metadata.name}`);
    return { state: 'usable', ...made, strategy: canonical ?? UNAUTHENTICATED };
  } catch (error) {
    const problem = isSpecError(error) ? error.message : oboProblem(error);
    if (problem === undefined) throw error;
    return { state: 'refused', reason: 'ConversionFailed', problem, isUnsuitable: true };
  }
}

function oboProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  if (error.code !== 'ERR_OBO_ENTERPRISE_REQUIRED' && error.code !== 'ERR_OBO_CONFIG_INVALID') return undefined;
  return `failed to convert external auth config to strategy: vMCP OBO converter: ${error.message}`;
}

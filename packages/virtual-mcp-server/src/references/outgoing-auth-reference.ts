import { isSpecError, type ReferenceWording, type StatedVerdict } from '@trueup/core';
import { OboHandler, type MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import { convertExternalAuth } from '../backends/convert-external-auth.js';
import {
  AMBIGUOUS_SUBJECT,
  authWithoutConfig,
  beingJudged,
  failedAuth,
  invalidProblem,
  missingProblem,
  validAuth,
  type StoredBackendAuth,
} from '../backends/outgoing-auth-verdicts.js';
import { upstreamNames, withSubjectProvider } from '../backends/subject-provider.js';
import type { StoredServer } from '../stored-server.js';

/** Asked for no config: those of type `obo` are judged by the handler of the operator, and their own condition tells. */
const NO_HANDLER = new OboHandler();

/**
 * What the references have in common by which credentials for backends are chosen. None of them is a gate: a backend whose
 * credentials cannot be used is left out, and the others are served.
 *
 * @param place - Begins the message of the condition while all is well.
 */
export function outgoingAuthReference(place: 'Default' | 'Backend') {
  const wording: ReferenceWording = {
    valid: () => validAuth(place),
    notFound: (name) => failedAuth(place, 'ConversionFailed', missingProblem(name)),
    pending: beingJudged,
    invalid: (_name, { reason, message }) => failedAuth(place, reason, invalidProblem(reason, message)),
  };

  return {
    gate: 'judged' as const,
    fallbackReason: 'InvalidExternalAuthConfig',
    wording,
    accepts(config: MCPExternalAuthConfig, server: StoredServer): StatedVerdict | undefined {
      if (config.spec.type === 'obo') return undefined;
      try {
        const { strategy, remark } = convertExternalAuth(config, NO_HANDLER);
        if (withSubjectProvider(strategy, upstreamNames(server)) === undefined) {
          return failedAuth(place, 'AmbiguousSubjectProvider', AMBIGUOUS_SUBJECT);
        }
        return remark === undefined ? undefined : validAuth(place, remark);
      } catch (error) {
        if (!isSpecError(error)) throw error;
        return failedAuth(place, 'ConversionFailed', error.message);
      }
    },
    /** What is said of a place that names no config; `backend` is what it is called in messages. */
    withoutConfig(auth: StoredBackendAuth, backend: string): StatedVerdict | undefined {
      return auth === undefined ? undefined : authWithoutConfig(place, backend, auth);
    },
  };
}

/** The config a place names, where its type makes use of one. */
export function namedExternalAuthConfig(auth: StoredBackendAuth): string | undefined {
  return auth?.type === 'externalAuthConfigRef' ? auth.externalAuthConfigRef?.name : undefined;
}

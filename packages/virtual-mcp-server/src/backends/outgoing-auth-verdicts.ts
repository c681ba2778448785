import { verdict, type StatedVerdict } from '@trueup/core';
import type { StoredServer } from '../stored-server.js';

/** Which place says how a backend is called: it begins the messages of the conditions. */
export type AuthPlace = 'Default' | 'Backend' | 'Discovered';

/** What the spec says about a backend, or about all that say nothing themselves. */
export type StoredBackendAuth = NonNullable<StoredServer['spec']['outgoingAuth']>['default'];

export const AMBIGUOUS_SUBJECT =
  'failed to inject subject provider name: SubjectProviderName must be set explicitly for xaa when more than one upstream is configured';

/** @param remark - What of the config has no effect. */
export function validAuth(place: AuthPlace, remark?: string): StatedVerdict {
  const rest = remark === undefined ? '' : `; ${remark}`;
  return verdict.true('ConversionSucceeded', `${place} auth config is valid${rest}`);
}

export function failedAuth(place: AuthPlace, reason: string, problem: string): StatedVerdict {
  return verdict.false(reason, `Failed to convert ${place.toLowerCase()} auth config: ${problem}`);
}

export function beingJudged(config: string): StatedVerdict {
  const message = `MCPExternalAuthConfig ${config} has not been validated yet`;
  return verdict.unknown('ExternalAuthConfigPending', message);
}

export function missingProblem(config: string): string {
  const quoted = JSON.stringify(config);
  return `failed to get MCPExternalAuthConfig ${config}: MCPExternalAuthConfig.toolhive.stacklok.dev ${quoted} not found`;
}

export const invalidProblem = (reason: string, message: string): string => `invalid (${reason}): ${message}`;

/**
 * What is said of a place that names no config.
 * @param backend - What it is called in messages.
 */
export function authWithoutConfig(place: AuthPlace, backend: string, auth: StoredBackendAuth): StatedVerdict {
  switch (auth?.type) {
    case 'discovered':
      return validAuth(place);
    case 'externalAuthConfigRef':
      return failedAuth(
        place,
        'ConversionFailed',
        `backend ${backend}: externalAuthConfigRef type requires externalAuthConfigRef field`,
      );
    default: {
      const type = JSON.stringify(auth?.type ?? '');
      return failedAuth(place, 'ConversionFailed', `backend ${backend}: unknown auth type ${type}`);
    }
  }
}

import { verdict, type ReferenceWording, type StatedVerdict } from '@trueup/core';
import type { MCPExternalAuthConfig } from '@trueup/mcp-external-auth-config';
import type { StoredServer } from './stored-server.js';

/** Types of MCPExternalAuthConfig that say nothing about how a VirtualMCPServer calls a backend. */
const UNSUPPORTED_TYPES: readonly string[] = ['bearerToken', 'embeddedAuthServer'];

type StoredBackendAuth = NonNullable<StoredServer['spec']['outgoingAuth']>['default'];

/**
 * What the references have in common by which credentials for backends are chosen. None of them is a gate: a backend whose
 * credentials cannot be used is left out, and the others are served.
 *
 * @param title - Begins the message of the condition while all is well.
 */
export function outgoingAuthReference(title: 'Default' | 'Backend') {
  const valid = verdict.true('ConversionSucceeded', `${title} auth config is valid`);
  const failed = (reason: string, problem: string): StatedVerdict =>
    verdict.false(reason, `Failed to convert ${title.toLowerCase()} auth config: ${problem}`);

  const wording: ReferenceWording = {
    valid: () => valid,
    notFound: (name) =>
      failed(
        'ConversionFailed',
        `failed to get MCPExternalAuthConfig ${name}: MCPExternalAuthConfig.toolhive.stacklok.dev ${JSON.stringify(name)} not found`,
      ),
    pending: (name) =>
      verdict.unknown('ExternalAuthConfigPending', `MCPExternalAuthConfig ${name} has not been validated yet`),
    invalid: (_name, { reason, message }) => failed(reason, `invalid (${reason}): ${message}`),
  };

  return {
    gate: 'judged' as const,
    fallbackReason: 'InvalidExternalAuthConfig',
    wording,
    accepts(config: MCPExternalAuthConfig, server: StoredServer): StatedVerdict | undefined {
      const { type } = config.spec;
      if (UNSUPPORTED_TYPES.includes(type)) return failed('ConversionFailed', `unsupported auth type: ${type}`);
      if (!hasAmbiguousSubject(config, server)) return undefined;
      return failed(
        'AmbiguousSubjectProvider',
        'failed to inject subject provider name: SubjectProviderName must be set explicitly for xaa when more than one upstream is configured',
      );
    },
    /** What is said of a place that names no config; `backend` is what it is called in messages. */
    withoutConfig(auth: StoredBackendAuth, backend: string): StatedVerdict | undefined {
      switch (auth?.type) {
        case undefined:
          return undefined;
        case 'discovered':
          return valid;
        case 'externalAuthConfigRef':
          return failed(
            'ConversionFailed',
            `backend ${backend}: externalAuthConfigRef type requires externalAuthConfigRef field`,
          );
      }
    },
  };
}

/** The config a place names, where its type makes use of one. */
export function namedExternalAuthConfig(auth: StoredBackendAuth): string | undefined {
  return auth?.type === 'externalAuthConfigRef' ? auth.externalAuthConfigRef?.name : undefined;
}

/** Which upstream's token an assertion is asked for is only plain when there is no more than one. */
function hasAmbiguousSubject({ spec: { type, xaa } }: MCPExternalAuthConfig, { spec }: StoredServer): boolean {
  const upstreams = spec.authServerConfig?.upstreamProviders?.length ?? 0;
  return type === 'xaa' && !xaa?.subjectProviderName && upstreams > 1;
}

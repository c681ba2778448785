import { SpecError } from '@trueup/core';
import { load, YAMLException } from 'js-yaml';
import { goJson, sortedKeys } from '../formats/go-json.js';
import { authzConfig, type AuthzSection } from './sections.js';

const VERSION = '1.0';
const CEDAR = 'cedarv1';
const HTTP = 'httpv1';
const CLAIM_MAPPINGS = ['mpe', 'standard'];

/** Which claims of a token say what groups and roles the caller has; Cedar only. */
export interface ClaimMapping {
  readonly groupClaimName?: string;
  readonly roleClaimName?: string;
  readonly groupEntityType?: string;
}

export interface InlineAuthz {
  readonly policies: readonly string[];
  /** JSON text; an empty list when absent. */
  readonly entitiesJson?: string;
}

/** The section for policies that stand in the workload itself. */
export function inlineAuthzSection({ policies, entitiesJson }: InlineAuthz, claims: ClaimMapping = {}): AuthzSection {
  return cedarSection(policies, entitiesJson || '[]', claims);
}

/** The text of the ConfigMap that shows inline policies; it has no claim mapping, since the runner does not read it. */
export function inlineAuthzDocument({ policies, entitiesJson }: InlineAuthz): string {
  return goJson({ cedar: { entities_json: entitiesJson || '[]', policies }, type: CEDAR, version: VERSION });
}

/**
 * The section for a document in a ConfigMap, YAML or JSON. A claim mapping of the workload goes over that of a Cedar
 * document.
 *
 * @param source - Where it came from, for messages: `ConfigMap ns/name key "authz.json"`.
 * @throws {@link SpecError} when it is not an authorizer's document.
 */
export function parsedAuthzSection(text: string, source: string, claims: ClaimMapping = {}): AuthzSection {
  const { data: document } = authzConfig.safeParse(parse(text, source));
  if (document === undefined) throw invalid(source, 'version and type are required');
  if (document.version === '' || document.type === '') throw invalid(source, 'version and type are required');
  switch (document.type) {
    case CEDAR:
      return withClaims(document, requireCedar(document['cedar'], source), claims);
    case HTTP:
      requireHttp(document['pdp'], source);
      return sortedKeys(document);
    default:
      throw invalid(source, `unsupported authorizer type: ${document.type} (registered types: [${CEDAR} ${HTTP}])`);
  }
}

function parse(text: string, source: string): unknown {
  try {
    return load(text);
  } catch (error) {
    const cause = error instanceof YAMLException ? error.reason : String(error);
    throw new SpecError(`failed to parse authz config from ${source}: ${cause}`);
  }
}

interface CedarDocument {
  readonly policies: readonly string[];
  readonly entities_json?: string;
  readonly [field: string]: unknown;
}

function requireCedar(cedar: unknown, source: string): CedarDocument {
  if (!isObject(cedar)) throw invalid(source, 'invalid cedarv1 configuration: cedar configuration is required');
  const { policies } = cedar;
  if (!Array.isArray(policies) || policies.length === 0) {
    throw invalid(source, 'invalid cedarv1 configuration: at least one policy is required for Cedar authorization');
  }
  if (!policies.every((policy) => typeof policy === 'string')) {
    throw invalid(source, 'invalid cedarv1 configuration: policies must be a list of texts');
  }
  return { ...cedar, policies };
}

function requireHttp(pdp: unknown, source: string): void {
  const url = isObject(pdp) && isObject(pdp['http']) ? pdp['http']['url'] : undefined;
  if (!isObject(pdp) || typeof url !== 'string' || url === '') {
    throw invalid(source, 'invalid httpv1 configuration: pdp.http.url is required');
  }
  if (!CLAIM_MAPPINGS.some((mapping) => mapping === pdp['claim_mapping'])) {
    throw invalid(
      source,
      `invalid httpv1 configuration: pdp.claim_mapping must be one of: ${CLAIM_MAPPINGS.join(', ')}`,
    );
  }
}

function withClaims(document: AuthzSection, cedar: CedarDocument, claims: ClaimMapping): AuthzSection {
  if (!claims.groupClaimName && !claims.roleClaimName && !claims.groupEntityType) return sortedKeys(document);
  return cedarSection(cedar.policies, cedar.entities_json ?? '', {
    groupClaimName: claims.groupClaimName || textOf(cedar['group_claim_name']),
    roleClaimName: claims.roleClaimName || textOf(cedar['role_claim_name']),
    groupEntityType: claims.groupEntityType || textOf(cedar['group_entity_type']),
  });
}

function cedarSection(policies: readonly string[], entitiesJson: string, claims: ClaimMapping): AuthzSection {
  return {
    version: VERSION,
    type: CEDAR,
    cedar: {
      policies,
      entities_json: entitiesJson,
      ...(claims.groupClaimName && { group_claim_name: claims.groupClaimName }),
      ...(claims.roleClaimName && { role_claim_name: claims.roleClaimName }),
      ...(claims.groupEntityType && { group_entity_type: claims.groupEntityType }),
    },
  };
}

function invalid(source: string, cause: string): SpecError {
  return new SpecError(`invalid authz config from ${source}: ${cause}`);
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

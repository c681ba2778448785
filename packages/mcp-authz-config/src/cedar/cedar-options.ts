import { z } from 'zod';
import { parseOptions, type ParsedOptions } from '../parse-options.js';

// Members that are null count as absent, and unknown ones are left to the proxy, which ignores them.
const text = z.string().nullish();
const texts = z.array(z.string()).nullish();

export const cedarOptions = z.looseObject({
  policies: texts,
  entities_json: text,
  primary_upstream_provider: text,
  group_claim_name: text,
  role_claim_name: text,
  group_entity_type: text,
  multi_valued_claims: texts,
});

/** What `spec.config` holds for type `cedarv1`; names are those of the proxy. */
export type CedarOptions = z.output<typeof cedarOptions>;

/** Reads the settings of type `cedarv1`, for a workload that takes them apart. */
export function parseCedarOptions(config: unknown): ParsedOptions<CedarOptions> {
  return parseOptions(cedarOptions, config);
}

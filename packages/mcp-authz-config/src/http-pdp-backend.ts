import { z } from 'zod';
import type { Assessment, AuthorizerBackend } from './authorizer-backend.js';
import { parseOptions } from './parse-options.js';
import { remarkOnUnknown, unknownMembers } from './unknown-members.js';

const CLAIM_MAPPINGS = ['mpe', 'standard'];
const VALID_VALUES = `(valid values: ${CLAIM_MAPPINGS.join(', ')})`;

const flag = z.boolean().nullish();
const http = z.looseObject({
  url: z.string().nullish(),
  timeout: z.int().nullish(),
  insecure_skip_verify: flag,
});
const context = z.looseObject({ include_args: flag, include_operation: flag });
const pdpOptions = z.looseObject({
  http: http.nullish(),
  context: context.nullish(),
  claim_mapping: z.string().nullish(),
});

/** Type `httpv1`: a policy decision point that the proxy asks over HTTP. */
export class HttpPdpBackend implements AuthorizerBackend {
  readonly type = 'httpv1';
  readonly configKey = 'pdp';

  assess(config: unknown): Assessment {
    if (config === null || config === undefined) {
      return unusable("pdp configuration is required (missing 'pdp' field)");
    }
    const parsed = parseOptions(pdpOptions, config);
    if ('problem' in parsed) return unusable(`failed to parse HTTP PDP configuration: ${parsed.problem}`);
    const { options } = parsed;
    if (!options.http) return unusable('http configuration is required');
    if (!options.http.url) return unusable('http.url is required');
    if (!isAbsoluteHttpUrl(options.http.url)) return unusable('http.url must be an absolute http or https URL');
    if (!options.claim_mapping) return unusable(`claim_mapping is required ${VALID_VALUES}`);
    if (!CLAIM_MAPPINGS.includes(options.claim_mapping)) {
      return unusable(`invalid claim_mapping ${JSON.stringify(options.claim_mapping)} ${VALID_VALUES}`);
    }
    const unknown = [
      ...unknownMembers(options, pdpOptions),
      ...unknownMembers(options.http, http, 'http.'),
      ...unknownMembers(options.context, context, 'context.'),
    ];
    return { usable: true, remarks: remarkOnUnknown(unknown.sort()) };
  }
}

const unusable = (problem: string): Assessment => ({ usable: false, problem });

/** `URL` alone is too kind: it mends missing slashes and cuts blanks off. */
function isAbsoluteHttpUrl(text: string): boolean {
  return /^https?:\/\/[^\s/?#]+\S*$/i.test(text) && URL.canParse(text);
}

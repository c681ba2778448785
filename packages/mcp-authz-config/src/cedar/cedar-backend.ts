import type { Assessment, AuthorizerBackend } from '../authorizer-backend.js';
import { remarkOnUnknown, unknownMembers } from '../unknown-members.js';
import { cedarOptions, parseCedarOptions } from './cedar-options.js';
import { CedarParser } from './cedar-parser.js';

/** Type `cedarv1`: Cedar policies, evaluated in the proxy. */
export class CedarBackend implements AuthorizerBackend {
  readonly type = 'cedarv1';
  readonly configKey = 'cedar';

  constructor(private readonly parser: CedarParser = new CedarParser()) {}

  async assess(config: unknown): Promise<Assessment> {
    if (config === null || config === undefined) {
      return unusable("cedar configuration is required (missing 'cedar' field)");
    }
    const parsed = parseCedarOptions(config);
    if ('problem' in parsed) return unusable(`failed to parse configuration: ${parsed.problem}`);
    const { options } = parsed;
    const policies = options.policies ?? [];
    if (policies.length === 0) return unusable('at least one policy is required for Cedar authorization');
    const finding = await this.parser.parse(policies, options.entities_json ?? '');
    if (finding.state === 'unsound') return unusable(finding.problem);
    if (options.group_entity_type?.includes('::')) return unusable('group_entity_type must not contain "::"');
    return {
      usable: true,
      remarks: [
        ...remarkOnUnknown(unknownMembers(options, cedarOptions)),
        ...(finding.state === 'unchecked'
          ? ['Cedar syntax not checked, because @cedar-policy/cedar-wasm is not installed with the operator']
          : []),
      ],
    };
  }
}

const unusable = (problem: string): Assessment => ({ usable: false, problem });

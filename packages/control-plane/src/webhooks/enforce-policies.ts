import { subjectName } from '../resources/admission-request.js';
import type { AdmissionRequest } from '../resources/admission.js';
import { forbidden } from '../resources/errors.js';
import { StatusError } from '../status-error.js';
import type { StoredObject } from '../storage/table.js';
import { expressionValue, type AdmissionValues } from './admission-expression.js';
import { AuditTrail } from './audit-trail.js';
import type { WebhookEnvironment } from './environment.js';
import { match, matchesBinding } from './match-criteria.js';
import { evaluatePolicy, policyOf, type Policy, type PolicyOutcome, type Refusal } from './policy.js';
import { bindingOf, type PolicyBinding } from './policy-binding.js';
import { ParamError, paramResource, paramsOf } from './policy-params.js';
import { valuesOf, viewIn } from './request-view.js';

/** What is stored of ValidatingAdmissionPolicies. */
export interface StoredPolicies {
  readonly policies: readonly StoredObject[];
  readonly bindings: readonly StoredObject[];
}

interface Denial extends Refusal {
  readonly policy: Policy;
  /** Absent where the policy itself is at fault. */
  readonly binding?: PolicyBinding;
}

/**
 * Holds a request to the ValidatingAdmissionPolicies that are bound; warns of what is bound with `Warn`, and
 * records what is bound with `Audit`.
 *
 * @throws StatusError (422, unless the policy gives another reason) for the first validation that fails and is bound with
 * `Deny`.
 */
export async function enforcePolicies(
  { policies, bindings }: StoredPolicies,
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): Promise<void> {
  const all = bindings.map(bindingOf);
  const trail = new AuditTrail();
  try {
    for (const policy of policies.map(policyOf)) {
      const own = all.filter(({ policyName }) => policyName === policy.name);
      const [denial] = await enforce(policy, own, request, environment, trail);
      if (denial) throw denialError(denial, request);
    }
  } finally {
    trail.recordIn(environment.audit, request);
  }
}

async function enforce(
  policy: Policy,
  bindings: readonly PolicyBinding[],
  request: AdmissionRequest,
  environment: WebhookEnvironment,
  trail: AuditTrail,
): Promise<Denial[]> {
  const version = bindings.length === 0 ? undefined : match(policy.criteria, request, environment);
  if (!version) return [];
  const values = {
    ...valuesOf(request, await viewIn(request, version), environment),
    namespaceObject: expressionValue(namespaceOf(request, environment)),
  };
  const denials: Denial[] = [];
  try {
    const params = paramResource(policy, environment);
    for (const binding of bindings) {
      if (binding.criteria && !matchesBinding(binding.criteria, request, environment)) continue;
      const outcome = await outcomeOf(policy, binding, params, values, request, environment);
      for (const [key, value] of outcome.annotations) trail.annotate(`${policy.name}/${key}`, value);
      for (const refusal of outcome.refusals) {
        if (binding.actions.includes('Audit')) {
          const { message, index: expressionIndex = 0 } = refusal;
          trail.noteFailure({ message, policy: policy.name, binding, expressionIndex });
        }
        if (binding.actions.includes('Warn')) {
          request.warn(`Validation failed for ${subjectOf({ policy, binding })}: ${refusal.message}`);
        }
        if (binding.actions.includes('Deny')) denials.push({ ...refusal, policy, binding });
      }
    }
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    if (!policy.isOptional)
      denials.push({ message: `failed to configure policy: ${error.message}`, reason: '', policy });
  }
  return denials;
}

async function outcomeOf(
  policy: Policy,
  { paramRef }: PolicyBinding,
  params: ReturnType<typeof paramResource>,
  values: AdmissionValues,
  request: AdmissionRequest,
  environment: WebhookEnvironment,
): Promise<PolicyOutcome> {
  try {
    const found = await paramsOf(params, paramRef, request.namespace, environment);
    const outcomes = found.map((param) => evaluatePolicy(policy, { ...values, params: expressionValue(param) }));
    return {
      refusals: outcomes.flatMap(({ refusals }) => refusals),
      annotations: outcomes.flatMap(({ annotations }) => annotations),
    };
  } catch (error) {
    if (!(error instanceof ParamError)) throw error;
    const refusal = { message: `failed to configure binding: ${error.message}`, reason: '' };
    return { refusals: policy.isOptional ? [] : [refusal], annotations: [] };
  }
}

/** A Namespace is not in one, though requests for it are. */
function namespaceOf(
  { resource, namespace }: AdmissionRequest,
  { store }: WebhookEnvironment,
): StoredObject | undefined {
  return namespace !== undefined && resource.namespaced
    ? store.table('namespaces').get(undefined, namespace)
    : undefined;
}

const CODES: Readonly<Record<string, number>> = { Forbidden: 403, Unauthorized: 401, RequestEntityTooLarge: 413 };
const UNPROCESSABLE = 422;

function denialError(denial: Denial, request: AdmissionRequest): StatusError {
  const why = `${subjectOf(denial)} denied request: ${denial.message}`;
  const { message, details } = forbidden(request.resource, subjectName(request), why, [{ message: why }]);
  const reason = denial.reason === '' ? 'Invalid' : denial.reason;
  return new StatusError(CODES[reason] ?? UNPROCESSABLE, reason, message, details);
}

function subjectOf({ policy, binding }: Pick<Denial, 'policy' | 'binding'>): string {
  const bound = binding ? ` with binding '${binding.name}'` : '';
  return `ValidatingAdmissionPolicy '${policy.name}'${bound}`;
}

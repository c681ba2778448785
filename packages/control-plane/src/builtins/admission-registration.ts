import type { JsonObject, KubeObject } from '../object.js';
import { duplicate, invalid, notSupported, required } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import { subdomainProblems } from '../schema/names.js';
import type { FieldError } from '../status-error.js';
import { numberAt, objectAt, objectsAt, optionalObjectAt, setDefault, specOf, stringAt, stringsAt } from '../access.js';
import { LateModule } from '../late-module.js';
import { ageColumn, column } from './columns.js';
import { ALL_METADATA, defineBuiltin } from './define-builtin.js';

const GROUP = 'admissionregistration.k8s.io';
const PACKAGE = 'io.k8s.api.admissionregistration.v1';

/** CEL. */
const expressions = new LateModule(() => import('../webhooks/expression-errors.js'));

const common = {
  group: GROUP,
  categories: ['api-extensions'],
  namespaced: false,
  generation: true,
  conditionalUpdate: true,
} as const;

const webhookColumns = [column('Webhooks', (object) => objectsAt(object, 'webhooks').length, 'integer'), ageColumn];

export const mutatingWebhookConfigurations = defineBuiltin({
  ...common,
  definition: `${PACKAGE}.MutatingWebhookConfiguration`,
  plural: 'mutatingwebhookconfigurations',
  columns: webhookColumns,
  defaults(next) {
    for (const webhook of objectsAt(next, 'webhooks')) {
      defaultWebhook(webhook);
      setDefault(webhook, 'reinvocationPolicy', 'Never');
    }
  },
  load: () => expressions.load(),
  validate: webhookErrors,
});

export const validatingWebhookConfigurations = defineBuiltin({
  ...common,
  definition: `${PACKAGE}.ValidatingWebhookConfiguration`,
  plural: 'validatingwebhookconfigurations',
  columns: webhookColumns,
  defaults(next) {
    for (const webhook of objectsAt(next, 'webhooks')) defaultWebhook(webhook);
  },
  load: () => expressions.load(),
  validate: webhookErrors,
});

export const validatingAdmissionPolicies = defineBuiltin({
  ...common,
  definition: `${PACKAGE}.ValidatingAdmissionPolicy`,
  plural: 'validatingadmissionpolicies',
  subresources: { status: true },
  statusKeeps: ALL_METADATA,
  columns: [
    column('Validations', (object) => objectsAt(specOf(object), 'validations').length, 'integer'),
    column('ParamKind', (object) => {
      const paramKind = objectAt(specOf(object), 'paramKind');
      return 'kind' in paramKind ? `${stringAt(paramKind, 'apiVersion')}/${stringAt(paramKind, 'kind')}` : '<unset>';
    }),
    ageColumn,
  ],
  defaults(next) {
    const spec = specOf(next);
    setDefault(spec, 'failurePolicy', 'Fail');
    const constraints = optionalObjectAt(spec, 'matchConstraints');
    if (constraints !== undefined) defaultMatch(constraints);
  },
  load: () => expressions.load(),
  validate: policyErrors,
});

export const validatingAdmissionPolicyBindings = defineBuiltin({
  ...common,
  definition: `${PACKAGE}.ValidatingAdmissionPolicyBinding`,
  plural: 'validatingadmissionpolicybindings',
  columns: [
    column('PolicyName', (object) => stringAt(specOf(object), 'policyName')),
    column('ParamRef', (object) => {
      const param = objectAt(specOf(object), 'paramRef');
      const namespace = stringAt(param, 'namespace');
      const name = stringAt(param, 'name');
      return name === '' ? '<unset>' : namespace === '' ? name : `${namespace}/${name}`;
    }),
    ageColumn,
  ],
  defaults(next) {
    const match = optionalObjectAt(specOf(next), 'matchResources');
    if (match !== undefined) defaultMatch(match);
  },
  validate: bindingErrors,
});

function defaultWebhook(webhook: JsonObject): void {
  const values = { failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10 };
  for (const [field, value] of Object.entries(values)) setDefault(webhook, field, value);
  defaultSelectors(webhook);
  const service = optionalObjectAt(objectAt(webhook, 'clientConfig'), 'service');
  if (service !== undefined) setDefault(service, 'port', 443);
  for (const rule of objectsAt(webhook, 'rules')) setDefault(rule, 'scope', '*');
}

function defaultMatch(match: JsonObject): void {
  setDefault(match, 'matchPolicy', 'Equivalent');
  defaultSelectors(match);
  for (const rule of [...objectsAt(match, 'resourceRules'), ...objectsAt(match, 'excludeResourceRules')]) {
    setDefault(rule, 'scope', '*');
  }
}

function defaultSelectors(owner: JsonObject): void {
  setDefault(owner, 'namespaceSelector', {});
  setDefault(owner, 'objectSelector', {});
}

function policyErrors(next: KubeObject): FieldError[] {
  const spec = specOf(next);
  const constraints = optionalObjectAt(spec, 'matchConstraints');
  const errors = expressions.loaded.policyExpressionErrors(next);
  if (constraints === undefined) errors.push(required('spec.matchConstraints'));
  else if (objectsAt(constraints, 'resourceRules').length === 0) {
    errors.push(required('spec.matchConstraints.resourceRules'));
  }
  if (objectsAt(spec, 'validations').length === 0 && objectsAt(spec, 'auditAnnotations').length === 0) {
    errors.push(required('spec.validations', 'validations or auditAnnotations must contain at least one item'));
  }
  return errors;
}

function bindingErrors(next: KubeObject): FieldError[] {
  const spec = specOf(next);
  const errors: FieldError[] = [];
  if (stringAt(spec, 'policyName') === '') errors.push(required('spec.policyName'));
  if (stringsAt(spec, 'validationActions').length === 0) errors.push(required('spec.validationActions'));
  return errors;
}

function webhookErrors(next: KubeObject): FieldError[] {
  const names = new Set<string>();
  return objectsAt(next, 'webhooks').flatMap((webhook, position) => {
    const path = index('webhooks', position);
    const name = stringAt(webhook, 'name');
    const errors = [
      ...webhookNameErrors(name, child(path, 'name')),
      ...clientConfigErrors(objectAt(webhook, 'clientConfig'), child(path, 'clientConfig')),
      ...reviewErrors(webhook, path),
      ...expressions.loaded.conditionErrors(webhook, path),
    ];
    if (names.has(name)) errors.push(duplicate(child(path, 'name'), name));
    names.add(name);
    return errors;
  });
}

function webhookNameErrors(name: string, path: string): FieldError[] {
  if (name === '') return [required(path)];
  const problems = subdomainProblems(name);
  if (problems.length > 0) return problems.map((problem) => invalid(path, name, problem));
  return name.split('.').length >= 3
    ? []
    : [invalid(path, name, 'should be a domain with at least three segments separated by dots')];
}

function clientConfigErrors(config: JsonObject, path: string): FieldError[] {
  const url = stringAt(config, 'url');
  const service = optionalObjectAt(config, 'service');
  if ((url === '') === (service === undefined)) return [required(path, 'exactly one of url or service is required')];
  if (url !== '') {
    return url.startsWith('https://')
      ? []
      : [
          invalid(
            child(path, 'url'),
            url.split(':')[0],
            "'https' is the only allowed URL scheme; desired format: https://host[/path]",
          ),
        ];
  }
  return ['name', 'namespace']
    .filter((field) => stringAt(service ?? {}, field) === '')
    .map((field) => required(`${path}.service.${field}`));
}

function reviewErrors(webhook: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const sideEffects = stringAt(webhook, 'sideEffects');
  if (sideEffects === '') {
    errors.push(required(child(path, 'sideEffects'), 'must specify one of None, NoneOnDryRun'));
  } else if (sideEffects === 'Some' || sideEffects === 'Unknown') {
    errors.push(notSupported(child(path, 'sideEffects'), sideEffects, ['None', 'NoneOnDryRun']));
  }
  const versions = stringsAt(webhook, 'admissionReviewVersions');
  const field = child(path, 'admissionReviewVersions');
  if (versions.length === 0) errors.push(required(field, 'must specify one of v1, v1beta1'));
  else if (!versions.some((version) => version === 'v1' || version === 'v1beta1')) {
    errors.push(invalid(field, versions, 'must include at least one of v1, v1beta1'));
  }
  const timeout = numberAt(webhook, 'timeoutSeconds');
  if (timeout < 1 || timeout > 30) {
    errors.push(invalid(child(path, 'timeoutSeconds'), timeout, 'the timeout value must be between 1 and 30 seconds'));
  }
  objectsAt(webhook, 'rules').forEach((rule, position) => {
    const at = index(child(path, 'rules'), position);
    for (const list of ['operations', 'apiGroups', 'apiVersions', 'resources']) {
      if (stringsAt(rule, list).length === 0) errors.push(required(child(at, list)));
    }
  });
  return errors;
}

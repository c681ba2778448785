import { equalJson } from '../json.js';
import type { JsonObject, KubeObject } from '../object.js';
import { invalid, notSupported, required } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import type { FieldError } from '../status-error.js';
import { ensureObjectAt, objectAt, objectsAt, setDefault, stringAt, stringsAt } from '../access.js';
import { ageColumn, column, createdAtColumn, wideColumn } from './columns.js';
import { defineBuiltin, type BuiltinDefinition } from './define-builtin.js';

const GROUP = 'rbac.authorization.k8s.io';
const PACKAGE = 'io.k8s.api.rbac.v1';

const common = {
  group: GROUP,
  createOnUpdate: true,
  names: 'path-segment',
} as const satisfies Partial<BuiltinDefinition>;

export const roles = defineBuiltin({
  ...common,
  definition: `${PACKAGE}.Role`,
  plural: 'roles',
  columns: [createdAtColumn],
  validate: (next) => ruleErrors(next, { namespaced: true }),
});

export const clusterRoles = defineBuiltin({
  ...common,
  definition: `${PACKAGE}.ClusterRole`,
  plural: 'clusterroles',
  namespaced: false,
  columns: [createdAtColumn],
  validate: (next) => ruleErrors(next, { namespaced: false }),
});

const bindingRules = {
  columns: [
    column('Role', ({ roleRef }) => {
      const role = objectAt({ roleRef }, 'roleRef');
      return `${stringAt(role, 'kind')}/${stringAt(role, 'name')}`;
    }),
    ageColumn,
    wideColumn('Users', (object) => subjects(object, 'User').join(', ')),
    wideColumn('Groups', (object) => subjects(object, 'Group').join(', ')),
    wideColumn('ServiceAccounts', (object) => subjects(object, 'ServiceAccount').join(', ')),
  ],
  defaults(next: KubeObject) {
    setDefault(ensureObjectAt(next, 'roleRef'), 'apiGroup', GROUP);
    for (const subject of objectsAt(next, 'subjects')) {
      if (['User', 'Group'].includes(stringAt(subject, 'kind'))) setDefault(subject, 'apiGroup', GROUP);
    }
  },
} satisfies Partial<BuiltinDefinition>;

export const roleBindings = defineBuiltin({
  ...common,
  ...bindingRules,
  definition: `${PACKAGE}.RoleBinding`,
  plural: 'rolebindings',
  validate: (next, old) => bindingErrors(next, old, ['ClusterRole', 'Role']),
});

export const clusterRoleBindings = defineBuiltin({
  ...common,
  ...bindingRules,
  definition: `${PACKAGE}.ClusterRoleBinding`,
  plural: 'clusterrolebindings',
  namespaced: false,
  validate: (next, old) => bindingErrors(next, old, ['ClusterRole']),
});

function subjects(binding: KubeObject, kind: string): string[] {
  return objectsAt(binding, 'subjects')
    .filter((subject) => subject['kind'] === kind)
    .map((subject) =>
      kind === 'ServiceAccount'
        ? `${stringAt(subject, 'namespace')}/${stringAt(subject, 'name')}`
        : stringAt(subject, 'name'),
    );
}

function ruleErrors(role: KubeObject, { namespaced }: { namespaced: boolean }): FieldError[] {
  return objectsAt(role, 'rules').flatMap((rule, position) => {
    const path = index('rules', position);
    const urls = stringsAt(rule, 'nonResourceURLs');
    if (stringsAt(rule, 'verbs').length === 0) {
      return [required(child(path, 'verbs'), 'verbs must contain at least one value')];
    }
    if (urls.length > 0) {
      if (namespaced) {
        return [invalid(child(path, 'nonResourceURLs'), urls, 'namespaced rules cannot apply to non-resource URLs')];
      }
      const mixed = ['apiGroups', 'resources', 'resourceNames'].some((field) => stringsAt(rule, field).length > 0);
      return mixed
        ? [
            invalid(
              child(path, 'nonResourceURLs'),
              urls,
              'rules cannot apply to both regular resources and non-resource URLs',
            ),
          ]
        : [];
    }
    return (['apiGroups', 'resources'] as const)
      .filter((field) => stringsAt(rule, field).length === 0)
      .map((field) =>
        required(
          child(path, field),
          `resource rules must supply at least one ${field === 'apiGroups' ? 'api group' : 'resource'}`,
        ),
      );
  });
}

function bindingErrors(next: KubeObject, old: KubeObject | undefined, kinds: readonly string[]): FieldError[] {
  const roleRef = objectAt(next, 'roleRef');
  const errors: FieldError[] = [];
  if (roleRef['apiGroup'] !== GROUP)
    errors.push(notSupported('roleRef.apiGroup', stringAt(roleRef, 'apiGroup'), [GROUP]));
  if (!kinds.includes(stringAt(roleRef, 'kind')))
    errors.push(notSupported('roleRef.kind', stringAt(roleRef, 'kind'), kinds));
  if (stringAt(roleRef, 'name') === '') errors.push(required('roleRef.name'));
  objectsAt(next, 'subjects').forEach((subject, position) =>
    errors.push(...subjectErrors(subject, index('subjects', position))),
  );
  if (old !== undefined && !equalJson(roleRef, objectAt(old, 'roleRef'))) {
    errors.push(invalid('roleRef', roleRef, 'cannot change roleRef'));
  }
  return errors;
}

function subjectErrors(subject: JsonObject, path: string): FieldError[] {
  const kind = stringAt(subject, 'kind');
  const group = stringAt(subject, 'apiGroup');
  const errors = stringAt(subject, 'name') === '' ? [required(child(path, 'name'))] : [];
  if (kind === 'ServiceAccount') {
    if (group !== '') errors.push(notSupported(child(path, 'apiGroup'), group, ['']));
    if (stringAt(subject, 'namespace') === '') errors.push(required(child(path, 'namespace')));
  } else if (kind === 'User' || kind === 'Group') {
    if (group !== GROUP) errors.push(notSupported(child(path, 'apiGroup'), group, [GROUP]));
  } else {
    errors.push(notSupported(child(path, 'kind'), kind, ['ServiceAccount', 'User', 'Group']));
  }
  return errors;
}

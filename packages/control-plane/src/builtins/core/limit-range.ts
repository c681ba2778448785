import { ensureObjectAt, objectAt, objectsAt, optionalStringAt, setDefault, specOf, stringAt } from '../../access.js';
import type { JsonObject } from '../../object.js';
import { parseQuantity } from '../../quantity.js';
import { duplicate, forbidden, invalid } from '../../schema/field-error.js';
import { child, index, key } from '../../schema/field-path.js';
import type { FieldError } from '../../status-error.js';
import { createdAtColumn } from '../columns.js';
import { defineBuiltin } from '../define-builtin.js';

export const limitRanges = defineBuiltin({
  definition: 'io.k8s.api.core.v1.LimitRange',
  group: '',
  plural: 'limitranges',
  shortNames: ['limits'],
  createOnUpdate: true,
  columns: [createdAtColumn],
  defaults(next) {
    for (const item of objectsAt(ensureObjectAt(next, 'spec'), 'limits')) {
      if (item['type'] === 'Container') fillDefaults(item);
    }
  },
  validate(next) {
    const items = objectsAt(specOf(next), 'limits');
    return items.flatMap((item, position) => {
      const path = index('spec.limits', position);
      const type = stringAt(item, 'type');
      const isRepeated = items.findIndex((other) => other['type'] === type) < position;
      return [...(isRepeated ? [duplicate(child(path, 'type'), type)] : []), ...itemErrors(item, path)];
    });
  },
});

/** The most is the default limit, that is the default request, and so is the least where there is none. */
function fillDefaults(item: JsonObject): void {
  const [limits, requests] = [ensureObjectAt(item, 'default'), ensureObjectAt(item, 'defaultRequest')];
  for (const [name, most] of Object.entries(objectAt(item, 'max'))) setDefault(limits, name, most);
  for (const [name, limit] of Object.entries(limits)) setDefault(requests, name, limit);
  for (const [name, least] of Object.entries(objectAt(item, 'min'))) setDefault(requests, name, least);
}

/** Bounds in the order in which they may not decrease: which field, what messages call it. */
const ASCENDING = [
  ['min', 'min value'],
  ['defaultRequest', 'default request value'],
  ['default', 'default value'],
  ['max', 'max value'],
] as const;

function itemErrors(item: JsonObject, path: string): FieldError[] {
  const type = stringAt(item, 'type');
  const errors: FieldError[] = [];
  if (type === 'Pod') {
    for (const field of ['default', 'defaultRequest']) {
      if (Object.keys(objectAt(item, field)).length > 0) {
        errors.push(forbidden(child(path, field), `may not be specified when \`type\` is 'Pod'`));
      }
    }
  }
  const isUnbounded = ['min', 'max'].every((field) => objectAt(item, field)['storage'] === undefined);
  if (type === 'PersistentVolumeClaim' && isUnbounded) {
    errors.push({
      type: 'FieldValueRequired',
      field: path,
      detail: 'Required value: either minimum or maximum storage value is required, but neither was provided',
    });
  }
  const names = new Set(ASCENDING.flatMap(([field]) => Object.keys(objectAt(item, field))));
  for (const name of names) errors.push(...orderErrors(item, name, path));
  return errors;
}

function orderErrors(item: JsonObject, name: string, path: string): FieldError[] {
  const given = ASCENDING.flatMap(([field, label]) => {
    const text = optionalStringAt(objectAt(item, field), name);
    return text === undefined ? [] : [{ field, label, text, nanos: parseQuantity(text).nanos }];
  });
  return given.flatMap((lower, position) =>
    given
      .slice(position + 1)
      .filter((upper) => lower.nanos > upper.nanos)
      .map((upper) => {
        const upperLabel =
          lower.field === 'defaultRequest' && upper.field === 'default' ? 'default limit value' : upper.label;
        const problem = `${lower.label} ${lower.text} is greater than ${upperLabel} ${upper.text}`;
        return invalid(key(child(path, lower.field), name), lower.text, problem);
      }),
  );
}

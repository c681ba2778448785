import { rulePath } from '../cel/rule-path.js';
import type { JsonObject } from '../object.js';
import { duplicate, invalid, required, tooMany } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';
import { objectAt, textAt } from './definition.js';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const SELECTABLE_TYPES = ['boolean', 'integer', 'string'];
const SELECTABLE_FIELDS_LIMIT = 8;

/** Checks a printer column. */
export function columnErrors(column: JsonObject, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const type = textAt(column, 'type');
  const format = textAt(column, 'format');
  const jsonPath = textAt(column, 'jsonPath');
  if (textAt(column, 'name') === '') {
    errors.push(required(child(path, 'name')));
  }
  if (!COLUMN_TYPES.includes(type)) {
    const detail = `must be one of ${COLUMN_TYPES.join(',')}`;
    errors.push(type === '' ? required(child(path, 'type'), detail) : invalid(child(path, 'type'), type, detail));
  }
  if (format !== '' && !COLUMN_FORMATS.includes(format)) {
    errors.push(invalid(child(path, 'format'), format, `must be one of ${COLUMN_FORMATS.join(',')}`));
  }
  const field = child(path, 'JSONPath');
  return [...errors, ...(jsonPath === '' ? [required(field)] : pathErrors(jsonPath, field))];
}

/** Checks the paths of a scale subresource. */
export function scaleErrors(subresources: JsonObject, path: string): FieldError[] {
  const scale = objectAt(subresources, 'scale');
  if (scale === undefined) {
    return [];
  }
  const check = (name: string, prefixes: readonly string[], place: string, isRequired: boolean): FieldError[] => {
    const field = child(path, `scale.${name}`);
    const value = textAt(scale, name);
    if (value === '') {
      return isRequired ? [required(field)] : [];
    }
    const errors = pathErrors(value, field);
    return errors.length > 0 || prefixes.some((prefix) => value.startsWith(prefix))
      ? errors
      : [invalid(field, value, `should be a json path under ${place}`)];
  };
  return [
    ...check('specReplicasPath', ['.spec.'], '.spec', true),
    ...check('statusReplicasPath', ['.status.'], '.status', true),
    ...check('labelSelectorPath', ['.spec.', '.status.'], 'either .spec or .status', false),
  ];
}

function pathErrors(jsonPath: string, field: string): FieldError[] {
  return jsonPath.startsWith('.') ? [] : [invalid(field, jsonPath, 'must be a simple json path starting with .')];
}

/** Checks the fields that field selectors can name. */
export function selectableFieldErrors(fields: readonly JsonObject[], schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, selectable] of fields.entries()) {
    const field = child(index(path, position), 'jsonPath');
    const jsonPath = textAt(selectable, 'jsonPath');
    if (jsonPath === '') {
      errors.push(required(field));
      continue;
    }
    const found = rulePath(jsonPath, schema, { brackets: false });
    if (found === undefined) {
      errors.push(invalid(field, jsonPath, 'is an invalid path: does not refer to a valid field'));
      continue;
    }
    if (found.path === 'metadata' || found.path.startsWith('metadata.')) {
      errors.push(invalid(field, jsonPath, 'must not point to fields in metadata'));
    }
    if (!SELECTABLE_TYPES.includes(found.schema.type ?? '')) {
      const detail =
        'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.';
      errors.push(invalid(field, jsonPath, detail));
    }
    if (seen.has(found.path)) {
      errors.push(duplicate(field, jsonPath));
    }
    seen.add(found.path);
  }
  return seen.size > SELECTABLE_FIELDS_LIMIT ? [...errors, tooMany(path, seen.size, SELECTABLE_FIELDS_LIMIT)] : errors;
}

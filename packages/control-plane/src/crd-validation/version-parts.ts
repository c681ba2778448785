import { rulePath } from '../cel/rule-path.js';
import type { DefinitionColumn, DefinitionVersion } from '../crd/definition.js';
import { duplicate, invalid, required, tooMany } from '../schema/field-error.js';
import { child, index } from '../schema/field-path.js';
import type { Schema } from '../schema/schema.js';
import type { FieldError } from '../status-error.js';

const COLUMN_TYPES = ['boolean', 'date', 'integer', 'number', 'string'];
const COLUMN_FORMATS = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password'];
const SELECTABLE_TYPES = ['boolean', 'integer', 'string'];
const SELECTABLE_FIELDS_LIMIT = 8;

/** Checks a printer column. */
export function columnErrors({ name, type, format, jsonPath }: DefinitionColumn, path: string): FieldError[] {
  const errors: FieldError[] = [];
  if (name === '') {
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

type ScalePaths = NonNullable<DefinitionVersion['scale']>;

/** Checks the paths of a scale subresource. */
export function scaleErrors(scale: ScalePaths, path: string): FieldError[] {
  const check = (
    name: keyof ScalePaths,
    prefixes: readonly string[],
    place: string,
    isRequired: boolean,
  ): FieldError[] => {
    const field = child(path, name);
    const value = scale[name] ?? '';
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
export function selectableFieldErrors(paths: readonly string[], schema: Schema, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  for (const [position, jsonPath] of paths.entries()) {
    const field = child(index(path, position), 'jsonPath');
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

import type { z } from 'zod';
import type { Refuse } from './kind-errors.js';
import { withStringFormat } from './string-format.js';
import type { StructuralSchema } from './structural-schema.js';

/** The schema with what one of zod's own checks (`.min()`, `.int()`, `.regex()`) asks for in addition. */
export function withZodCheck(
  schema: StructuralSchema,
  checkDef: z.core.$ZodCheckDef,
  refuse: Refuse,
): StructuralSchema {
  const check = checkDef as z.core.$ZodChecks['_zod']['def'];
  switch (check.check) {
    case 'min_length':
      return withLength(schema, check.minimum, undefined, refuse);
    case 'max_length':
      return withLength(schema, undefined, check.maximum, refuse);
    case 'length_equals':
      return withLength(schema, check.length, check.length, refuse);
    case 'string_format':
      return withStringFormat(schema, check, refuse);
    case 'number_format':
      return withNumberFormat(schema, check.format);
    case 'greater_than':
      return withMinimum(schema, Number(check.value), check.inclusive);
    case 'less_than':
      return withMaximum(schema, Number(check.value), check.inclusive);
    case 'multiple_of':
      return withMultipleOf(schema, Number(check.value), refuse);
    case 'overwrite':
      return refuse(
        'trim() and other changes of the value do not happen on the API server, which stores what was sent; use .regex()',
      );
    case 'bigint_format':
    case 'max_size':
    case 'mime_type':
    case 'min_size':
    case 'property':
    case 'size_equals':
    default:
      return refuse(`the check ${checkDef.check} has no counterpart in a CRD; use rule(…)`);
  }
}

function withLength(
  schema: StructuralSchema,
  min: number | undefined,
  max: number | undefined,
  refuse: Refuse,
): StructuralSchema {
  const { minLength, maxLength, minItems, maxItems } = schema;
  if (schema.type === 'string') {
    return { ...schema, ...larger('minLength', minLength, min), ...smaller('maxLength', maxLength, max) };
  }
  if (schema.type === 'array') {
    return { ...schema, ...larger('minItems', minItems, min), ...smaller('maxItems', maxItems, max) };
  }
  return refuse('a length can only be said of a string or a list');
}

function larger(keyword: string, current: number | undefined, wanted: number | undefined): StructuralSchema {
  return wanted === undefined ? {} : { [keyword]: Math.max(current ?? wanted, wanted) };
}

function smaller(keyword: string, current: number | undefined, wanted: number | undefined): StructuralSchema {
  return wanted === undefined ? {} : { [keyword]: Math.min(current ?? wanted, wanted) };
}

function withMinimum(schema: StructuralSchema, value: number, inclusive: boolean): StructuralSchema {
  const { minimum, exclusiveMinimum, ...rest } = schema;
  const isWeaker = minimum !== undefined && (minimum > value || (minimum === value && (inclusive || exclusiveMinimum)));
  if (!Number.isFinite(value) || isWeaker) return schema;
  return { ...rest, minimum: value, ...(!inclusive && { exclusiveMinimum: true }) };
}

function withMaximum(schema: StructuralSchema, value: number, inclusive: boolean): StructuralSchema {
  const { maximum, exclusiveMaximum, ...rest } = schema;
  const isWeaker = maximum !== undefined && (maximum < value || (maximum === value && (inclusive || exclusiveMaximum)));
  if (!Number.isFinite(value) || isWeaker) return schema;
  return { ...rest, maximum: value, ...(!inclusive && { exclusiveMaximum: true }) };
}

/** The API server cuts the factor to an integer when it looks at a whole number, and then divides by zero. */
function withMultipleOf(schema: StructuralSchema, factor: number, refuse: Refuse): StructuralSchema {
  if (!Number.isInteger(factor) || factor < 1) refuse('multipleOf must be a positive integer in a CRD');
  if (schema.multipleOf !== undefined && schema.multipleOf !== factor) refuse('a CRD has room for one multipleOf');
  return { ...schema, multipleOf: factor };
}

/** Bounds that follow from a format are left to the format, as in Kubernetes' own schemas; `safeint` has none. */
function withNumberFormat(schema: StructuralSchema, format: z.core.$ZodNumberFormats): StructuralSchema {
  switch (format) {
    case 'safeint':
      return { ...schema, type: 'integer' };
    case 'int32':
      return { ...schema, type: 'integer', format: 'int32' };
    case 'uint32':
      return withMaximum(withMinimum({ ...schema, type: 'integer', format: 'int64' }, 0, true), 2 ** 32 - 1, true);
    case 'float32':
      return { ...schema, format: 'float' };
    case 'float64':
      return { ...schema, format: 'double' };
  }
}

import { CREATION_TIMESTAMP_DESCRIPTION } from '../builtins/columns.js';
import { age } from '../builtins/human-duration.js';
import type { Column } from '../resources/resource.js';
import type { DefinitionColumn } from './definition.js';
import { compileJsonPath, JsonPathError } from './json-path.js';

const AGE: DefinitionColumn = {
  name: 'Age',
  type: 'date',
  format: '',
  description: CREATION_TIMESTAMP_DESCRIPTION,
  priority: 0,
  jsonPath: '.metadata.creationTimestamp',
};

/** The columns of a version: those it names, or Age alone. One whose path cannot be read ends them. */
export function printerColumns(columns: readonly DefinitionColumn[]): Column[] {
  const made: Column[] = [];
  for (const column of columns.length === 0 ? [AGE] : columns) {
    try {
      made.push(printerColumn(column));
    } catch (error) {
      if (error instanceof JsonPathError) break;
      throw error;
    }
  }
  return made;
}

function printerColumn({ name, type, format, description, priority, jsonPath }: DefinitionColumn): Column {
  const path = compileJsonPath(jsonPath);
  return {
    name,
    type: isColumnType(type) ? type : 'string',
    format,
    description:
      description === '' ? `Custom resource definition column (in JSONPath format): ${jsonPath}` : description,
    priority,
    cell(object, nowMs) {
      const [value] = path(object);
      return value === undefined ? null : cellOf(type, value, nowMs);
    },
  };
}

/** A value that is not of the column's type leaves the cell empty. */
function cellOf(type: string, value: unknown, nowMs: number): unknown {
  switch (type) {
    case 'string':
      return textOf(value);
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null;
    case 'number':
      return typeof value === 'number' ? value : null;
    case 'boolean':
      return typeof value === 'boolean' ? value : null;
    case 'date':
      if (typeof value !== 'string') return null;
      return Number.isNaN(Date.parse(value)) ? '<invalid>' : age(value, nowMs);
    default:
      return null;
  }
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null ? '<nil>' : JSON.stringify(value);
}

function isColumnType(type: string): type is Column['type'] {
  return ['string', 'integer', 'number', 'boolean', 'date'].includes(type);
}

import type { z } from 'zod';
import { messageOf } from '../errors.js';
import type { Refuse } from './kind-errors.js';
import { literalPattern, re2Pattern } from './re2-pattern.js';
import type { StructuralSchema } from './structural-schema.js';

/** zod's formats that the API server checks too. It does so by its own code: its idea of an e-mail address is a little wider. */
const FORMATS: Readonly<Record<string, string>> = {
  base64: 'byte',
  cidrv4: 'cidr',
  cidrv6: 'cidr',
  date: 'date',
  datetime: 'date-time',
  email: 'email',
  ipv4: 'ipv4',
  ipv6: 'ipv6',
  mac: 'mac',
  url: 'uri',
  uuid: 'uuid',
};

/** zod checks these by code: their pattern, where they have one, says less. */
const CHECKED_BY_CODE = new Set(['base64url', 'credit_card', 'currency_code', 'iban', 'json_string', 'jwt']);

/** The schema of a string with a format of zod's; `.regex()` and `.startsWith()` are formats too. */
export function withStringFormat(
  schema: StructuralSchema,
  check: z.core.$ZodCheckStringFormatDef,
  refuse: Refuse,
): StructuralSchema {
  const options: Readonly<Record<string, unknown>> = { ...check };
  switch (check.format) {
    case 'starts_with':
      return withPattern(schema, `^${literalPattern(String(options['prefix']))}`);
    case 'ends_with':
      return withPattern(schema, `${literalPattern(String(options['suffix']))}$`);
    case 'includes':
      if (options['position'] !== undefined) return refuse('includes() with a position cannot be said in a CRD');
      return withPattern(schema, literalPattern(String(options['includes'])));
    case 'duration':
      return refuse('Kubernetes durations are Go durations like 1h30m, not ISO 8601; use .regex()');
    case 'url':
      if (options['protocol'] ?? options['hostname'] ?? options['normalize']) {
        return refuse('options of z.url() cannot be said in a CRD; use .regex(/^https:\\/\\//)');
      }
      break;
  }
  const format = FORMATS[check.format];
  if (CHECKED_BY_CODE.has(check.format) || (check.pattern === undefined && check.format !== 'url')) {
    return refuse(`the string format ${check.format} has no counterpart in a CRD; use .regex() or rule(…)`);
  }
  if (format !== undefined && schema.format !== undefined && schema.format !== format) {
    return refuse(`a string cannot have the formats ${schema.format} and ${format} at once`);
  }
  const formatted = format === undefined ? schema : { ...schema, format };
  const isNarrowed =
    format === 'cidr' ||
    ['precision', 'version', 'delimiter'].some((option) => (options[option] ?? undefined) !== undefined);
  if (check.pattern === undefined || (format !== undefined && !isNarrowed)) return formatted;
  try {
    return withPattern(formatted, re2Pattern(check.pattern));
  } catch (error) {
    return refuse(messageOf(error));
  }
}

/** The schema of a string that must match one more pattern. */
export function withPattern(schema: StructuralSchema, pattern: string): StructuralSchema {
  if (schema.pattern === undefined) return { ...schema, pattern };
  return { ...schema, allOf: [...(schema.allOf ?? []), { pattern }] };
}

import { formatCheck } from '../../schema/formats.js';
import {
  label1035Problems,
  labelProblems,
  labelValueProblems,
  nameProblems,
  qualifiedNameProblems,
  subdomainProblems,
} from '../../schema/names.js';
import { anOpaque, aString, fn, method, type Growth, type Overload } from '../overload.js';
import { listOf, optionalOf, STRING, type CelType } from '../types.js';
import { ListValue, OptionalValue, type OpaqueValue } from '../values.js';

const FORMAT: CelType = { kind: 'opaque', name: 'kubernetes.NamedFormat' };

class NamedFormat implements OpaqueValue {
  readonly opaqueType = 'kubernetes.NamedFormat';

  constructor(
    readonly name: string,
    readonly problems: (text: string) => readonly string[],
  ) {}

  equals(other: OpaqueValue): boolean {
    return other instanceof NamedFormat && other.name === this.name;
  }
}

function byFormat(format: string, problem: string): (text: string) => string[] {
  const check = formatCheck(format);
  return (text) => (check?.(text) === true ? [] : [problem]);
}

const FORMATS: readonly NamedFormat[] = [
  new NamedFormat('dns1123Label', labelProblems),
  new NamedFormat('dns1123Subdomain', subdomainProblems),
  new NamedFormat('dns1035Label', label1035Problems),
  new NamedFormat('dns1123LabelPrefix', (text) => nameProblems(text, 'label', true)),
  new NamedFormat('dns1123SubdomainPrefix', (text) => nameProblems(text, 'subdomain', true)),
  new NamedFormat('dns1035LabelPrefix', (text) => nameProblems(text, 'label-1035', true)),
  new NamedFormat('qualifiedName', qualifiedNameProblems),
  new NamedFormat('labelValue', labelValueProblems),
  new NamedFormat('uri', byFormat('uri', 'invalid URI for request')),
  new NamedFormat('uuid', byFormat('uuid', 'does not match the UUID format')),
  new NamedFormat('byte', byFormat('byte', 'invalid base64')),
  new NamedFormat('date', byFormat('date', 'invalid date')),
  new NamedFormat('datetime', byFormat('datetime', 'invalid datetime')),
];

function named(name: string): OptionalValue {
  const format = FORMATS.find((candidate) => candidate.name === name);
  return format === undefined ? OptionalValue.none : OptionalValue.of(format);
}

/** Problems of a text, or no value when there are none. */
function validate(format: NamedFormat, text: string): OptionalValue {
  const problems = format.problems(text);
  return problems.length === 0 ? OptionalValue.none : OptionalValue.of(new ListValue(problems));
}

const aFormat = anOpaque(FORMAT, (value) => value instanceof NamedFormat);
/** The longest pattern of a format has 128 characters. */
const validation: Growth = { cost: ([, size = 0]) => size * 0.1 * 128 * 0.25 };

/** Kubernetes' format library: `format.dns1123Label().validate(self.name)`. */
export const namedFormats: readonly Overload[] = [
  ...FORMATS.map((format) => fn(`format.${format.name}`, [], FORMAT, () => format)),
  fn('format.named', [aString], optionalOf(FORMAT), named),
  method('validate', [aFormat, aString], optionalOf(listOf(STRING)), validate, validation),
];

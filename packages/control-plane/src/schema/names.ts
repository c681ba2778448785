/** The rules for names, labels and annotation keys, with the API server's explanations. Empty: the value is fine. */

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = '[a-z]([-a-z0-9]*[a-z0-9])?';
const QUALIFIED_NAME = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]';
const LABEL_VALUE = `(${QUALIFIED_NAME})?`;

const labelPattern = new RegExp(`^${LABEL}$`);
const subdomainPattern = new RegExp(`^${SUBDOMAIN}$`);
const label1035Pattern = new RegExp(`^${LABEL_1035}$`);
const qualifiedNamePattern = new RegExp(`^${QUALIFIED_NAME}$`);
const labelValuePattern = new RegExp(`^${LABEL_VALUE}$`);

/** What the name of an object of some kind must look like. */
export type NameRule = 'subdomain' | 'label' | 'label-1035' | 'path-segment';

/**
 * Checks an object's name, or with `prefix` the base of a generated one, which may end in a dash.
 *
 * @see {@link https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ | Object names}
 */
export function nameProblems(name: string, rule: NameRule, prefix = false): string[] {
  if (rule === 'path-segment') {
    return pathSegmentProblems(name, prefix);
  }
  const checked = prefix && name.length > 1 && name.endsWith('-') ? `${name.slice(0, -2)}a` : name;
  switch (rule) {
    case 'subdomain':
      return subdomainProblems(checked);
    case 'label':
      return labelProblems(checked);
    case 'label-1035':
      return label1035Problems(checked);
  }
}

/** DNS-1123 subdomain, RFC 1123. */
export function subdomainProblems(value: string): string[] {
  const problems = tooLongProblem(value, 253);
  if (!subdomainPattern.test(value)) {
    problems.push(
      `a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${SUBDOMAIN}')`,
    );
  }
  return problems;
}

/** DNS-1123 label, RFC 1123. */
export function labelProblems(value: string): string[] {
  const problems = tooLongProblem(value, 63);
  if (labelPattern.test(value)) {
    return problems;
  }
  return [
    ...problems,
    subdomainPattern.test(value)
      ? 'must not contain dots'
      : `a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '${LABEL}')`,
  ];
}

/** DNS-1035 label, RFC 1035: like a DNS-1123 label, but starting with a letter. */
export function label1035Problems(value: string): string[] {
  return [
    ...tooLongProblem(value, 63),
    ...(label1035Pattern.test(value)
      ? []
      : [
          `a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '${LABEL_1035}')`,
        ]),
  ];
}

const QUALIFIED_NAME_EXPLANATION = `must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '${QUALIFIED_NAME}')`;

/** `[dns-prefix/]name`: keys of labels and annotations, finalizers. */
export function qualifiedNameProblems(value: string): string[] {
  const parts = value.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) {
    return [
      `a qualified name ${QUALIFIED_NAME_EXPLANATION} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = second ?? first;
  const problems: string[] = [];
  if (second !== undefined) {
    const prefix = first === '' ? ['must be non-empty'] : subdomainProblems(first);
    problems.push(...prefix.map((problem) => `prefix part ${problem}`));
  }
  if (name === '') {
    problems.push('name part must be non-empty');
  }
  problems.push(...tooLongProblem(name, 63).map((problem) => `name part ${problem}`));
  if (!qualifiedNamePattern.test(name)) {
    problems.push(`name part ${QUALIFIED_NAME_EXPLANATION}`);
  }
  return problems;
}

export function labelValueProblems(value: string): string[] {
  const problems = tooLongProblem(value, 63);
  if (!labelValuePattern.test(value)) {
    problems.push(
      `a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '${LABEL_VALUE}')`,
    );
  }
  return problems;
}

function pathSegmentProblems(value: string, prefix: boolean): string[] {
  if (!prefix && (value === '.' || value === '..')) {
    return [`may not be '${value}'`];
  }
  return ['/', '%'].filter((illegal) => value.includes(illegal)).map((illegal) => `may not contain '${illegal}'`);
}

function tooLongProblem(value: string, limit: number): string[] {
  return Buffer.byteLength(value) > limit ? [`must be no more than ${limit} characters`] : [];
}

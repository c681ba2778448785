import { headerVariable } from './header-variable.js';
import type { OpenTelemetry } from './resource.js';

type SensitiveHeader = NonNullable<OpenTelemetry['sensitiveHeaders']>[number];

/** `token` of {@link https://www.rfc-editor.org/rfc/rfc7230#section-3.2.6 | RFC 7230, section 3.2.6}. */
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

const NOT_A_NAME = 'is not a valid HTTP header name';

/** The first thing wrong with the headers of exports. Names are compared without regard to case, as HTTP does. */
export function headersProblem({ headers = {}, sensitiveHeaders = [] }: OpenTelemetry): string | undefined {
  const plain = Object.keys(headers).sort();
  const plainNames = new Set(plain.map(canonical));
  for (const [index, header] of sensitiveHeaders.entries()) {
    const problem =
      sensitiveProblem(header, `openTelemetry.sensitiveHeaders[${index}]`) ??
      clashProblem(header.name, plainNames) ??
      variableProblem(index, sensitiveHeaders);
    if (problem !== undefined) return problem;
  }
  return plainProblem(plain);
}

function sensitiveProblem({ name, secretKeyRef }: SensitiveHeader, path: string): string | undefined {
  if (name === '') return `${path}.name must not be empty`;
  if (secretKeyRef.name === '') return `${path}.secretKeyRef.name must not be empty`;
  if (secretKeyRef.key === '') return `${path}.secretKeyRef.key must not be empty`;
  return HEADER_NAME.test(name) ? undefined : `${path}.name ${JSON.stringify(name)} ${NOT_A_NAME}`;
}

function clashProblem(name: string, plainNames: ReadonlySet<string>): string | undefined {
  if (!plainNames.has(canonical(name))) return undefined;
  return `header ${JSON.stringify(name)} appears in both headers and sensitiveHeaders`;
}

function variableProblem(index: number, headers: readonly SensitiveHeader[]): string | undefined {
  const name = headers[index]?.name ?? '';
  const other = headers.slice(0, index).find((earlier) => headerVariable(earlier.name) === headerVariable(name));
  if (other === undefined) return undefined;
  return `openTelemetry.sensitiveHeaders[${index}].name ${JSON.stringify(name)} and ${JSON.stringify(other.name)} map to the same environment variable`;
}

function plainProblem(names: readonly string[]): string | undefined {
  const broken = names.find((name) => !HEADER_NAME.test(name));
  if (broken !== undefined) return `openTelemetry.headers: ${JSON.stringify(broken)} ${NOT_A_NAME}`;
  const repeated = names.find(
    (name, index) => names.findIndex((other) => canonical(other) === canonical(name)) < index,
  );
  if (repeated === undefined) return undefined;
  const first = names.find((other) => canonical(other) === canonical(repeated)) ?? '';
  return `openTelemetry.headers: ${JSON.stringify(first)} and ${JSON.stringify(repeated)} are the same header`;
}

const canonical = (name: string) => name.toLowerCase();

import type { JsonObject } from '../../object.js';
import { duplicate, invalid, notFound, required } from '../../schema/field-error.js';
import { child, index } from '../../schema/field-path.js';
import { labelProblems } from '../../schema/names.js';
import type { FieldError } from '../../status-error.js';
import { numberAt, objectAt, objectsAt, stringAt } from '../../access.js';

/** The rules for pod specs that operators meet. Enumerations are checked with the schema. */
export function validatePodSpec(spec: JsonObject, path: string, claims: readonly string[] = []): FieldError[] {
  const volumes = objectsAt(spec, 'volumes');
  const mountable = new Set([...volumes.map((volume) => stringAt(volume, 'name')), ...claims]);
  const containers = objectsAt(spec, 'containers');
  const seen = new Set<string>();
  return [
    ...volumeErrors(volumes, child(path, 'volumes')),
    ...(containers.length === 0 ? [required(child(path, 'containers'))] : []),
    ...containers.flatMap((container, position) =>
      containerErrors(container, index(child(path, 'containers'), position), { mountable, seen }),
    ),
    ...objectsAt(spec, 'initContainers').flatMap((container, position) =>
      containerErrors(container, index(child(path, 'initContainers'), position), { mountable, seen }),
    ),
  ];
}

export function portProblems(port: number): string[] {
  return port >= 1 && port <= 65535 ? [] : ['must be between 1 and 65535, inclusive'];
}

function volumeErrors(volumes: readonly JsonObject[], path: string): FieldError[] {
  const seen = new Set<string>();
  return volumes.flatMap((volume, position) => nameErrors(volume, index(path, position), seen));
}

/** A required, unique DNS label. */
function nameErrors(item: JsonObject, path: string, seen: Set<string>): FieldError[] {
  const name = stringAt(item, 'name');
  const field = child(path, 'name');
  if (name === '') return [required(field)];
  const errors = labelProblems(name).map((problem) => invalid(field, name, problem));
  if (seen.has(name)) errors.push(duplicate(field, name));
  seen.add(name);
  return errors;
}

interface PodNames {
  readonly mountable: ReadonlySet<string>;
  readonly seen: Set<string>;
}

function containerErrors(container: JsonObject, path: string, { mountable, seen }: PodNames): FieldError[] {
  const image = stringAt(container, 'image');
  return [
    ...nameErrors(container, path, seen),
    ...(image === '' ? [required(child(path, 'image'))] : []),
    ...(image.trim() === image
      ? []
      : [invalid(child(path, 'image'), image, 'must not have leading or trailing whitespace')]),
    ...containerPortErrors(objectsAt(container, 'ports'), child(path, 'ports')),
    ...envErrors(objectsAt(container, 'env'), child(path, 'env')),
    ...objectsAt(container, 'volumeMounts').flatMap((mount, position) =>
      mountErrors(mount, index(child(path, 'volumeMounts'), position), mountable),
    ),
    ...['livenessProbe', 'readinessProbe', 'startupProbe'].flatMap((probe) =>
      probeErrors(container, probe, child(path, probe)),
    ),
  ];
}

function containerPortErrors(ports: readonly JsonObject[], path: string): FieldError[] {
  const names = new Set<string>();
  return ports.flatMap((port, position) => {
    const at = index(path, position);
    const errors: FieldError[] = [];
    const name = stringAt(port, 'name');
    if (name !== '') {
      errors.push(...portNameProblems(name).map((problem) => invalid(child(at, 'name'), name, problem)));
      if (names.has(name)) errors.push(duplicate(child(at, 'name'), name));
      names.add(name);
    }
    const number = numberAt(port, 'containerPort');
    if (number === 0) errors.push(required(child(at, 'containerPort')));
    else errors.push(...portProblems(number).map((problem) => invalid(child(at, 'containerPort'), number, problem)));
    return errors;
  });
}

/** An IANA service name, RFC 6335 section 5.1. */
function portNameProblems(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

function envErrors(variables: readonly JsonObject[], path: string): FieldError[] {
  return variables.flatMap((variable, position) => {
    const at = index(path, position);
    const name = stringAt(variable, 'name');
    if (name === '') return [required(child(at, 'name'))];
    if (!/^[ -<>-~]+$/.test(name)) {
      return [
        invalid(
          child(at, 'name'),
          name,
          "a valid environment variable name must consist only of printable ASCII characters other than '='",
        ),
      ];
    }
    const both = stringAt(variable, 'value') !== '' && Object.keys(objectAt(variable, 'valueFrom')).length > 0;
    return both ? [invalid(child(at, 'valueFrom'), '', 'may not be specified when `value` is not empty')] : [];
  });
}

function mountErrors(mount: JsonObject, path: string, volumes: ReadonlySet<string>): FieldError[] {
  const name = stringAt(mount, 'name');
  const errors: FieldError[] = [];
  if (name === '') errors.push(required(child(path, 'name')));
  else if (!volumes.has(name)) errors.push(notFound(child(path, 'name'), name));
  if (stringAt(mount, 'mountPath') === '') errors.push(required(child(path, 'mountPath')));
  return errors;
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

function probeErrors(container: JsonObject, field: string, path: string): FieldError[] {
  if (!Object.hasOwn(container, field)) return [];
  const probe = objectAt(container, field);
  return HANDLERS.some((handler) => Object.hasOwn(probe, handler))
    ? []
    : [required(path, 'must specify a handler type')];
}

import type { DeleteOptions, PropagationPolicy } from '../resources/delete-object.js';
import { badRequest, invalidOptions, plainError } from '../resources/errors.js';
import type { FieldValidation } from '../resources/write-context.js';
import { isJsonObject, type JsonObject } from '../object.js';
import { forbidden, invalid, notSupported, tooLong } from '../schema/field-error.js';
import type { FieldError } from '../status-error.js';

/** The options of a POST, PUT or PATCH, from its query. */
export interface WriteOptions {
  readonly dryRun: boolean;
  readonly fieldValidation: FieldValidation;
  readonly fieldManager?: string;
  /** Apply only. */
  readonly force: boolean;
  /** The options that the query has, as CreateOptions and UpdateOptions carry them. */
  readonly given: JsonObject;
}

export type WriteOptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

const MANAGER_LIMIT_BYTES = 128;

/** @throws {@link StatusError} 422 about the options, 400 for a flag that is none. */
export function parseWriteOptions(
  query: URLSearchParams,
  kind: WriteOptionsKind,
  { apply = false }: { apply?: boolean } = {},
): WriteOptions {
  const errors: FieldError[] = [];
  const force = parseFlag(query, 'force');
  const fieldManager = query.get('fieldManager') ?? '';
  if (kind === 'PatchOptions') {
    if (apply && fieldManager === '') {
      errors.push({
        type: 'FieldValueRequired',
        field: 'fieldManager',
        detail: 'Required value: is required for apply patch',
      });
    }
    if (!apply && force !== undefined) errors.push(forbidden('force', 'may not be specified for non-apply patch'));
  }
  errors.push(...managerErrors(fieldManager));
  const dryRun = query.getAll('dryRun').filter((value) => value !== '');
  errors.push(...dryRunErrors(dryRun));
  const validation = query.get('fieldValidation') ?? '';
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(validation)) {
    errors.push(notSupported('fieldValidation', validation, ['', 'Ignore', 'Strict', 'Warn']));
  }
  if (errors.length > 0) throw invalidOptions(kind, errors);
  return {
    dryRun: dryRun.length > 0,
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    ...(fieldManager === '' ? {} : { fieldManager }),
    force: force ?? false,
    given: {
      ...(dryRun.length === 0 ? {} : { dryRun }),
      ...(fieldManager === '' ? {} : { fieldManager }),
      ...(validation === '' ? {} : { fieldValidation: validation }),
    },
  };
}

export interface ParsedDeleteOptions extends DeleteOptions {
  readonly dryRun: boolean;
}

/**
 * The options of a DELETE: from its body if it has one, else from its query.
 *
 * @param body - The parsed body; undefined for an empty one.
 */
export function parseDeleteOptions(query: URLSearchParams, body: unknown): ParsedDeleteOptions {
  const raw = body === undefined ? fromQuery(query) : fromBody(body);
  const errors: FieldError[] = [];
  const { propagationPolicy: policy, orphanDependents } = raw;
  if (policy !== undefined && orphanDependents !== undefined) {
    errors.push(invalid('propagationPolicy', policy, 'orphanDependents and deletionPropagation cannot be both set'));
  }
  if (policy !== undefined && !isPolicy(policy)) {
    errors.push(notSupported('propagationPolicy', policy, ['Foreground', 'Background', 'Orphan', 'nil']));
  }
  errors.push(...dryRunErrors(raw.dryRun));
  if (errors.length > 0) throw invalidOptions('DeleteOptions', errors);
  return {
    dryRun: raw.dryRun.length > 0,
    ...(raw.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: raw.gracePeriodSeconds }),
    ...(policy !== undefined && isPolicy(policy) ? { propagationPolicy: policy } : {}),
    ...(orphanDependents === undefined ? {} : { orphanDependents }),
    ...(raw.preconditions === undefined ? {} : { preconditions: raw.preconditions }),
  };
}

interface RawDeleteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: string;
  readonly orphanDependents?: boolean;
  readonly preconditions?: { uid?: string; resourceVersion?: string };
  readonly dryRun: readonly string[];
}

function fromQuery(query: URLSearchParams): RawDeleteOptions {
  const grace = query.get('gracePeriodSeconds');
  const policy = query.get('propagationPolicy');
  const orphan = parseFlag(query, 'orphanDependents');
  if (grace !== null && !/^[-+]?\d+$/.test(grace)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(grace)}: invalid syntax`);
  }
  return {
    ...(grace === null ? {} : { gracePeriodSeconds: Number(grace) }),
    ...(policy === null ? {} : { propagationPolicy: policy }),
    ...(orphan === undefined ? {} : { orphanDependents: orphan }),
    dryRun: query.getAll('dryRun').filter((value) => value !== ''),
  };
}

function fromBody(body: unknown): RawDeleteOptions {
  if (!isJsonObject(body)) throw plainError('json: cannot unmarshal the body into Go value of type v1.DeleteOptions');
  const { kind, apiVersion, gracePeriodSeconds, propagationPolicy, orphanDependents, preconditions, dryRun } = body;
  if (kind !== undefined && kind !== '' && kind !== 'DeleteOptions') {
    throw plainError(
      `no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} in scheme "k8s.io/apimachinery/pkg/apis/meta/internalversion/scheme/register.go:40"`,
    );
  }
  const expect = (value: unknown, type: 'number' | 'string' | 'boolean', field: string, goType: string): void => {
    if (value === undefined || value === null || typeof value === type) return;
    throw plainError(
      `json: cannot unmarshal ${typeof value} into Go struct field DeleteOptions.${field} of type ${goType}`,
    );
  };
  expect(gracePeriodSeconds, 'number', 'gracePeriodSeconds', 'int64');
  expect(propagationPolicy, 'string', 'propagationPolicy', 'v1.DeletionPropagation');
  expect(orphanDependents, 'boolean', 'orphanDependents', 'bool');
  const { uid, resourceVersion } = isJsonObject(preconditions) ? preconditions : {};
  expect(uid, 'string', 'preconditions.uid', 'types.UID');
  expect(resourceVersion, 'string', 'preconditions.resourceVersion', 'string');
  const dryRunList: readonly unknown[] = Array.isArray(dryRun) ? dryRun : [];
  for (const value of dryRunList) expect(value, 'string', 'dryRun', 'string');
  return {
    ...(typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}),
    ...(typeof propagationPolicy === 'string' ? { propagationPolicy } : {}),
    ...(typeof orphanDependents === 'boolean' ? { orphanDependents } : {}),
    preconditions: {
      ...(typeof uid === 'string' ? { uid } : {}),
      ...(typeof resourceVersion === 'string' ? { resourceVersion } : {}),
    },
    dryRun: dryRunList.filter((value) => typeof value === 'string'),
  };
}

/** The options of a list or watch, from its query. */
export interface ListOptions {
  readonly watch: boolean;
  readonly labelSelector: string;
  readonly fieldSelector: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly limit: number;
  readonly continueToken: string;
  readonly timeoutSeconds?: number;
  readonly allowWatchBookmarks: boolean;
  readonly sendInitialEvents?: boolean;
}

export function parseListOptions(query: URLSearchParams, isWatch: boolean): ListOptions {
  const sendInitialEvents = parseFlag(query, 'sendInitialEvents');
  const timeout = query.get('timeoutSeconds');
  const options: ListOptions = {
    watch: isWatch,
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    limit: parseInteger(query.get('limit')) ?? 0,
    continueToken: query.get('continue') ?? '',
    ...(timeout === null || timeout === '' ? {} : { timeoutSeconds: parseInteger(timeout) ?? 0 }),
    allowWatchBookmarks: parseFlag(query, 'allowWatchBookmarks') ?? false,
    ...(sendInitialEvents === undefined ? {} : { sendInitialEvents }),
  };
  const errors = isWatch ? watchErrors(options) : listErrors(options);
  if (errors.length > 0) throw invalidOptions('ListOptions', errors);
  return options;
}

function listErrors(options: ListOptions): FieldError[] {
  const { resourceVersionMatch: match, resourceVersion, continueToken, sendInitialEvents } = options;
  const errors: FieldError[] = [];
  if (match !== '') {
    if (resourceVersion === '') {
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden unless resourceVersion is provided'));
    }
    if (continueToken !== '') {
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
    }
    if (match !== 'Exact' && match !== 'NotOlderThan') {
      errors.push(notSupported(MATCH, match, ['Exact', 'NotOlderThan', '']));
    }
    if (match === 'Exact' && resourceVersion === '0') {
      errors.push(forbidden(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (sendInitialEvents !== undefined) {
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  }
  return errors;
}

function watchErrors({ resourceVersionMatch: match, continueToken, sendInitialEvents }: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  if (sendInitialEvents !== undefined && match !== 'NotOlderThan') {
    errors.push(forbidden(MATCH, 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'));
  }
  if (match !== '') {
    if (sendInitialEvents === undefined) {
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided'));
    }
    if (match !== 'NotOlderThan') errors.push(notSupported(MATCH, match, ['NotOlderThan']));
    if (continueToken !== '') {
      errors.push(forbidden(MATCH, 'resourceVersionMatch is forbidden when continue is provided'));
    }
  }
  return errors;
}

const MATCH = 'resourceVersionMatch';

/** A boolean parameter: present without a value, `1` and `true` are true. */
export function parseFlag(query: URLSearchParams, name: string): boolean | undefined {
  const value = query.get(name);
  if (value === null) return undefined;
  return !['0', 'false', 'f', 'F', 'FALSE', 'False'].includes(value);
}

function parseInteger(value: string | null): number | undefined {
  if (value === null || value === '') return undefined;
  if (!/^[-+]?\d+$/.test(value)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`);
  }
  return Number(value);
}

function managerErrors(manager: string): FieldError[] {
  if (Buffer.byteLength(manager) > MANAGER_LIMIT_BYTES) return [tooLong('fieldManager', MANAGER_LIMIT_BYTES)];
  return /^[\P{C}]*$/u.test(manager)
    ? []
    : [invalid('fieldManager', manager, 'should only contain printable characters')];
}

function dryRunErrors(values: readonly string[]): FieldError[] {
  return values.every((value) => value === 'All') ? [] : [notSupported('dryRun', values, ['All'])];
}

function isPolicy(policy: string): policy is PropagationPolicy {
  return policy === 'Background' || policy === 'Foreground' || policy === 'Orphan';
}

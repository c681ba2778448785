import type { ManagedFieldsEntry, ObjectMeta, OwnerReference } from '../object.js';
import type { FieldError } from '../status-error.js';
import { escapeHtml, forbidden, invalid, invalidPrinted, quote, required, tooLong } from './field-error.js';
import { child, index } from './field-path.js';
import { equalJson } from '../json.js';
import { labelProblems, labelValueProblems, nameProblems, qualifiedNameProblems, type NameRule } from './names.js';

const ANNOTATIONS_LIMIT_BYTES = 256 * 1024;
const MANAGER_LIMIT_BYTES = 128;
const SUBRESOURCE_LIMIT_BYTES = 256;
const ORPHAN_FINALIZER = 'orphan';
const FOREGROUND_FINALIZER = 'foregroundDeletion';
/** Finalizers without a domain that Kubernetes itself uses. */
const STANDARD_FINALIZERS: readonly string[] = [ORPHAN_FINALIZER, FOREGROUND_FINALIZER, 'kubernetes'];

/** Fields of ObjectMeta that the server compares on update, the ones no update may change. */
const IMMUTABLE_FIELDS = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const;

export interface ObjectMetaOptions {
  readonly namespaced: boolean;
  readonly names: NameRule;
  /** The stored metadata; makes this the validation of an update. */
  readonly old?: ObjectMeta;
  /** Where the metadata is; default `metadata`. */
  readonly path?: string;
}

/**
 * Checks an object's metadata: names, labels, annotations, owners, finalizers, and on update what must not change.
 * Expects that the server has already filled in what it fills in: generated name, namespace, uid, timestamps.
 *
 * @see {@link https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/object-meta/ | ObjectMeta}
 */
export function validateObjectMeta(meta: ObjectMeta, options: ObjectMetaOptions): FieldError[] {
  const path = options.path ?? 'metadata';
  const { namespaced, old } = options;
  // A name that was accepted once stays accepted: updates only make sure that it can be part of a path.
  const names: NameRule = old === undefined ? options.names : 'path-segment';
  const errors = validateNames(meta, names, path);
  const { namespace = '', generation = 0, labels, annotations, ownerReferences, finalizers, managedFields } = meta;
  errors.push(...validateNamespace(namespace, namespaced, path));
  if (generation < 0) {
    errors.push(invalid(child(path, 'generation'), generation, 'must be greater than or equal to 0'));
  }
  if (labels) errors.push(...validateLabels(labels, child(path, 'labels')));
  if (annotations) errors.push(...validateAnnotations(annotations, child(path, 'annotations')));
  if (ownerReferences) errors.push(...validateOwnerReferences(ownerReferences, child(path, 'ownerReferences')));
  if (finalizers) errors.push(...validateFinalizers(finalizers, child(path, 'finalizers')));
  if (managedFields) errors.push(...validateManagedFields(managedFields, child(path, 'managedFields')));
  if (old !== undefined) errors.push(...validateMetaChange(meta, old, path));
  return errors;
}

/**
 * What the server warns about in metadata that it accepts: finalizers of custom resources without a domain.
 * On update only finalizers that `old` does not have are looked at.
 */
export function metaWarnings(meta: ObjectMeta, options: { custom: boolean; old?: ObjectMeta }): string[] {
  if (!options.custom) {
    return [];
  }
  const known = new Set(options.old?.finalizers);
  const added = [...new Set(meta.finalizers)].filter((finalizer) => !known.has(finalizer)).sort();
  return added.flatMap((finalizer) => finalizerWarnings(finalizer));
}

export function validateLabels(labels: Readonly<Record<string, string>>, path: string): FieldError[] {
  return Object.entries(labels).flatMap(([name, value]) => [
    ...qualifiedNameProblems(name).map((problem) => invalid(path, name, problem)),
    ...labelValueProblems(value).map((problem) => invalid(path, value, problem)),
  ]);
}

/** The part of {@link validateObjectMeta} that depends on the rule for names. */
export function validateNames(meta: ObjectMeta, names: NameRule, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = [];
  if (meta.generateName) {
    const { generateName } = meta;
    const problems = nameProblems(generateName, names, true);
    errors.push(...problems.map((problem) => invalid(child(path, 'generateName'), generateName, problem)));
  }
  if (meta.name) {
    const { name } = meta;
    errors.push(...nameProblems(name, names).map((problem) => invalid(child(path, 'name'), name, problem)));
  } else {
    errors.push(required(child(path, 'name'), 'name or generateName is required'));
  }
  return errors;
}

function validateNamespace(namespace: string, namespaced: boolean, path: string): FieldError[] {
  if (!namespaced) {
    return namespace === '' ? [] : [forbidden(child(path, 'namespace'), 'not allowed on this type')];
  }
  if (namespace === '') {
    return [required(child(path, 'namespace'))];
  }
  return labelProblems(namespace).map((problem) => invalid(child(path, 'namespace'), namespace, problem));
}

/** What an update may not change in metadata that is valid otherwise. */
export function validateMetaChange(meta: ObjectMeta, old: ObjectMeta, path = 'metadata'): FieldError[] {
  const errors: FieldError[] = [];
  if (old.deletionTimestamp !== undefined) {
    const known = new Set(old.finalizers);
    const added = [...new Set(meta.finalizers)].filter((finalizer) => !known.has(finalizer)).sort();
    if (added.length > 0) {
      const found = `[]string{${added.map(quote).join(', ')}}`;
      errors.push(
        forbidden(
          child(path, 'finalizers'),
          `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`,
        ),
      );
    }
  }
  if (!meta.resourceVersion) {
    errors.push(invalid(child(path, 'resourceVersion'), meta.resourceVersion ?? '', 'must be specified for an update'));
  }
  if ((meta.generation ?? 0) < (old.generation ?? 0)) {
    errors.push(invalid(child(path, 'generation'), meta.generation ?? 0, 'must not be decremented'));
  }
  for (const field of IMMUTABLE_FIELDS) {
    if (!equalJson(meta[field] ?? null, old[field] ?? null)) {
      errors.push(invalid(child(path, field), meta[field] ?? emptyValue(field), 'field is immutable'));
    }
  }
  return errors;
}

/** What Go prints for a field that is not set: an empty string, or null where the field is a pointer. */
function emptyValue(field: (typeof IMMUTABLE_FIELDS)[number]): string | null {
  return field === 'name' || field === 'namespace' || field === 'uid' ? '' : null;
}

function validateAnnotations(annotations: Readonly<Record<string, string>>, path: string): FieldError[] {
  let size = 0;
  const errors: FieldError[] = [];
  for (const [name, value] of Object.entries(annotations)) {
    size += Buffer.byteLength(name) + Buffer.byteLength(value);
    errors.push(...qualifiedNameProblems(name.toLowerCase()).map((problem) => invalid(path, name, problem)));
  }
  return size > ANNOTATIONS_LIMIT_BYTES ? [...errors, tooLong(path, ANNOTATIONS_LIMIT_BYTES)] : errors;
}

function validateOwnerReferences(references: readonly OwnerReference[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  let firstController: string | undefined;
  for (const reference of references) {
    errors.push(...validateOwnerReference(reference, path));
    if (reference.controller === true) {
      const controller = `${reference.kind}/${reference.name}`;
      if (firstController !== undefined) {
        const problem = `Only one reference can have Controller set to true. Found "true" in references for ${firstController} and ${controller}`;
        errors.push(invalidPrinted(path, printOwners(references), problem));
      }
      firstController ??= controller;
    }
  }
  return errors;
}

function validateOwnerReference(reference: OwnerReference, path: string): FieldError[] {
  const errors: FieldError[] = [];
  const { apiVersion = '', kind = '', name = '', uid = '' } = reference;
  const [, version] = /^(?:[^/]*\/)?([^/]+)$/.exec(apiVersion) ?? [];
  if (version === undefined) {
    errors.push(invalid(child(path, 'apiVersion'), apiVersion, 'version must not be empty'));
  }
  for (const [field, value] of Object.entries({ kind, name, uid })) {
    if (value === '') {
      errors.push(invalid(child(path, field), value, 'must not be empty'));
    }
  }
  if (apiVersion === 'v1' && kind === 'Event') {
    errors.push(invalidPrinted(path, printOwner(reference), '/v1, Kind=Event is disallowed from being an owner'));
  }
  return errors;
}

/** Owner references print in the order of their Go fields, not sorted like other objects. */
function printOwner(reference: OwnerReference): string {
  const { apiVersion = '', kind = '', name = '', uid = '', controller, blockOwnerDeletion } = reference;
  return escapeHtml(JSON.stringify({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }));
}

function printOwners(references: readonly OwnerReference[]): string {
  return `[${references.map(printOwner).join(',')}]`;
}

function validateFinalizers(finalizers: readonly string[], path: string): FieldError[] {
  const errors = finalizers.flatMap((finalizer) =>
    qualifiedNameProblems(finalizer).map((problem) => invalid(path, finalizer, problem)),
  );
  if (finalizers.includes(ORPHAN_FINALIZER) && finalizers.includes(FOREGROUND_FINALIZER)) {
    const problem = `finalizer ${ORPHAN_FINALIZER} and ${FOREGROUND_FINALIZER} cannot be both set`;
    errors.push(invalid(path, finalizers, problem));
  }
  return errors;
}

function finalizerWarnings(finalizer: string): string[] {
  const prefix = `metadata.finalizers: ${quote(finalizer)}: `;
  const warnings = qualifiedNameProblems(finalizer).map((problem) => prefix + problem);
  if (!finalizer.includes('/') && !STANDARD_FINALIZERS.includes(finalizer)) {
    const path = finalizer.includes('.') ? ' including a path (/)' : '';
    warnings.push(
      `${prefix}prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`,
    );
  }
  return warnings;
}

function validateManagedFields(entries: readonly ManagedFieldsEntry[], path: string): FieldError[] {
  const errors: FieldError[] = [];
  entries.forEach(({ operation, fieldsType, manager = '', subresource = '' }, position) => {
    const report = (field: string, ofField: (path: string) => FieldError): void => {
      errors.push(ofField(child(index(path, position), field)));
    };
    if (operation !== 'Apply' && operation !== 'Update') {
      report('operation', (at) => invalid(at, operation ?? '', 'must be `Apply` or `Update`'));
    }
    if (fieldsType !== undefined && fieldsType !== 'FieldsV1') {
      report('fieldsType', (at) => invalid(at, fieldsType, 'must be `FieldsV1`'));
    }
    if (Buffer.byteLength(manager) > MANAGER_LIMIT_BYTES) report('manager', (at) => tooLong(at, MANAGER_LIMIT_BYTES));
    const unprintable = unprintableIn(manager);
    if (unprintable !== undefined) report('manager', (at) => invalid(at, manager, unprintable));
    if (Buffer.byteLength(subresource) > SUBRESOURCE_LIMIT_BYTES) {
      report('subresource', (at) => tooLong(at, SUBRESOURCE_LIMIT_BYTES));
    }
  });
  return errors;
}

const PRINTABLE_ASCII = /^[ -~]*$/;

/** What is wrong with a manager that has characters which do not print. */
function unprintableIn(manager: string): string | undefined {
  if (PRINTABLE_ASCII.test(manager)) return undefined;
  const position = [...manager].findIndex((character) => !/[ \p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(character));
  if (position === -1) return undefined;
  return `invalid character ${printRune([...manager][position])} (at position ${position})`;
}

/** `U+000A`; Go adds printable characters in quotes, but those are not refused. */
function printRune(character = ''): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}

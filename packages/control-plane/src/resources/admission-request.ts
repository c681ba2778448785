import type { KubeObject } from '../object.js';
import type { StatusError } from '../status-error.js';
import { Admission, type AdmissionRequest, type GroupVersionKind } from './admission.js';
import { forbidden } from './errors.js';
import type { WriteContext, WritePipeline } from './write-context.js';

/** What a step of a write adds to its context. */
export interface AdmissionParts {
  readonly name: string;
  readonly subresource?: string;
  readonly kind?: GroupVersionKind;
  readonly object?: KubeObject;
  readonly oldObject?: Readonly<KubeObject>;
}

const OPTIONS_KINDS = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** A write as admission plugins see it. */
export function admissionRequest(
  operation: keyof typeof OPTIONS_KINDS,
  { resource, namespace, subresource, user, dryRun, options, warn }: WriteContext,
  parts: AdmissionParts,
): AdmissionRequest {
  // A request for a Namespace counts as one in it.
  const isNamespace = resource.group === '' && resource.plural === 'namespaces';
  const inNamespace = isNamespace && parts.name !== '' ? parts.name : namespace;
  return {
    operation,
    resource,
    subresource: parts.subresource ?? subresource,
    kind: parts.kind,
    namespace: inNamespace,
    name: parts.name,
    user,
    dryRun,
    options: { kind: OPTIONS_KINDS[operation], apiVersion: 'meta.k8s.io/v1', ...options },
    object: parts.object,
    oldObject: parts.oldObject,
    warn,
  };
}

/** What an object that is admitted is called in messages: its name, or what its name will begin with. */
export function subjectName({ name, object }: AdmissionRequest): string {
  return [name, object?.metadata.name, object?.metadata.generateName].find(Boolean) ?? 'Unknown';
}

/** The 403 of an admission plugin. */
export function refusal(request: AdmissionRequest, why: string): StatusError {
  return forbidden(request.resource, subjectName(request), why);
}

/** For the consequences of something that was admitted under its own name: an Eviction deletes a Pod. */
export function withoutAdmission(pipeline: WritePipeline): WritePipeline {
  return { ...pipeline, admission: new Admission([]) };
}

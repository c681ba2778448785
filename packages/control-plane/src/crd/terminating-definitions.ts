import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import { forbidden } from '../resources/errors.js';

/** Refuses new objects of a CustomResourceDefinition that is being deleted. */
export class TerminatingDefinitions implements AdmissionPlugin {
  readonly name = 'TerminatingDefinitions';

  mutate({ operation, resource, name }: AdmissionRequest): void {
    if (operation !== 'CREATE' || !resource.custom || resource.verbs.includes('create')) return;
    throw forbidden(resource, name, 'create not allowed while custom resource definition is terminating');
  }
}

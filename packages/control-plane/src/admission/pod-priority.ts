import { booleanAt, ensureObjectAt, numberAt, optionalNumberAt, stringAt } from '../access.js';
import { refusal } from '../resources/admission-request.js';
import type { AdmissionPlugin, AdmissionRequest } from '../resources/admission.js';
import type { StoredObject, Table } from '../storage/table.js';

const DEFAULT_POLICY = 'PreemptLowerPriority';

/**
 * Gives pods the priority of their PriorityClass, or of the default one, and keeps default classes to one.
 *
 * @see {@link https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/ | Pod priority and preemption}
 */
export class PodPriority implements AdmissionPlugin {
  readonly name = 'Priority';
  readonly #classes: Table;

  constructor(priorityClasses: Table) {
    this.#classes = priorityClasses;
  }

  mutate(request: AdmissionRequest): void {
    const { operation, resource, subresource, object } = request;
    const isPod = resource.group === '' && resource.plural === 'pods' && subresource === undefined;
    if (operation !== 'CREATE' || !isPod || !object) return;
    const spec = ensureObjectAt(object, 'spec');
    const named = stringAt(spec, 'priorityClassName');
    const priorityClass = named === '' ? this.#default() : this.#classes.get(undefined, named);
    if (named !== '' && !priorityClass) throw refusal(request, `no PriorityClass with name ${named} was found`);
    if (priorityClass) spec['priorityClassName'] = priorityClass.metadata.name;
    const priority = priorityClass ? numberAt(priorityClass, 'value') : 0;
    const policy = priorityClass ? stringAt(priorityClass, 'preemptionPolicy') || DEFAULT_POLICY : DEFAULT_POLICY;
    const [givenPriority, givenPolicy] = [optionalNumberAt(spec, 'priority'), stringAt(spec, 'preemptionPolicy')];
    if (givenPriority !== undefined && givenPriority !== priority) {
      const why = `the integer value of priority (${givenPriority}) must not be provided in pod spec; priority admission controller computed ${priority} from the given PriorityClass name`;
      throw refusal(request, why);
    }
    if (givenPolicy !== '' && givenPolicy !== policy) {
      const why = `the string value of PreemptionPolicy (${givenPolicy}) must not be provided in pod spec; priority admission controller computed ${policy} from the given PriorityClass name`;
      throw refusal(request, why);
    }
    Object.assign(spec, { priority, preemptionPolicy: policy });
  }

  validate(request: AdmissionRequest): void {
    const { operation, resource, object } = request;
    if (resource.group !== 'scheduling.k8s.io' || resource.plural !== 'priorityclasses' || !object) return;
    if (operation === 'DELETE' || !booleanAt(object, 'globalDefault')) return;
    const other = this.#default();
    if (other === undefined || other.metadata.name === object.metadata.name) return;
    const why = `PriorityClass ${other.metadata.name ?? ''} is already marked as default. Only one default can exist`;
    throw refusal(request, why);
  }

  /** Should there be several, the one of least value. */
  #default(): StoredObject | undefined {
    const [least] = this.#classes
      .list()
      .filter((priorityClass) => booleanAt(priorityClass, 'globalDefault'))
      .sort((a, b) => numberAt(a, 'value') - numberAt(b, 'value'));
    return least;
  }
}

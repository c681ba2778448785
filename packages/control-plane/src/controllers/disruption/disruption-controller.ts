import { numberAt, objectAt, objectsAt, specOf, statusOf } from '../../access.js';
import { formatSelector, matchesSelector } from '../../builtins/label-selector.js';
import type { Clock } from '../../clock.js';
import type { JsonObject, KubeObject } from '../../object.js';
import type { Api, ObjectEvent } from '../api.js';
import { setCondition } from '../conditions.js';
import { objectKey, ObjectController, type ObjectKey } from '../object-controller.js';
import { recordEvent, type Occurrence } from '../record-event.js';
import { DISRUPTION_BUDGETS, EVENTS, isResource, PODS } from '../resource-names.js';
import { isPodReady } from '../workloads/pod-template.js';
import { setDisruptionAllowed } from './disruption-condition.js';
import { expectedPods, UnknownScaleError } from './expected-pods.js';

type Pod = Readonly<KubeObject>;
type Budget = Readonly<KubeObject>;

/** A pod that was to be evicted and is still there after this time will not be. */
const EVICTION_TIMEOUT_MS = 120_000;

/**
 * Keeps count for PodDisruptionBudgets: how many of the pods they select are healthy, and how many of them may be evicted.
 *
 * @see {@link https://kubernetes.io/docs/concepts/workloads/pods/disruptions/#pod-disruption-budgets | Pod disruption budgets}
 */
export class DisruptionController extends ObjectController {
  readonly name = 'disruption-controller';

  constructor({ clock }: { readonly clock: Clock }) {
    super(DISRUPTION_BUDGETS, clock);
  }

  protected follow(api: Api, add: (key: ObjectKey) => void): () => void {
    return api.onEvent((event) => {
      if (isResource(event.resource, DISRUPTION_BUDGETS)) add(objectKey(event.object.metadata));
      else for (const { metadata } of budgetsConcernedBy(api, event)) add(objectKey(metadata));
    });
  }

  protected async sync(api: Api, budget: Budget, key: ObjectKey): Promise<void> {
    const pods = api.list(PODS, budget.metadata.namespace).filter((pod) => selects(budget, pod));
    const tell = (occurrence: Occurrence): Promise<void> => recordEvent(this.reporter(api), budget, occurrence);
    if (pods.length === 0) await tell({ type: 'Normal', reason: 'NoPods', message: 'No matching pods found' });
    try {
      const { expected, desiredHealthy, unmanaged } = expectedPods(api, budget, pods);
      if (unmanaged.length > 0) await tell(unmanagedPods(budget));
      await writeStatus(api, budget, (status) => this.#count(key, pods, status, { expected, desiredHealthy }));
    } catch (error) {
      if (!(error instanceof UnknownScaleError)) throw error;
      const message = `Failed to calculate the number of expected pods: ${error.message}`;
      await tell({ type: 'Warning', reason: 'CalculateExpectedPodCountFailed', message });
      await writeStatus(api, budget, (status, observedGeneration) => {
        status['disruptionsAllowed'] = 0;
        const state = { status: 'False', reason: 'SyncFailed', message: error.message, observedGeneration } as const;
        setCondition(status, { type: 'DisruptionAllowed', ...state }, this.clock.now());
      });
    }
  }

  #count(
    key: ObjectKey,
    pods: readonly Pod[],
    status: JsonObject,
    { expected, desiredHealthy }: { readonly expected: number; readonly desiredHealthy: number },
  ): void {
    const disrupted = this.#disruptedPods(key, pods, status);
    const healthy = pods.filter((pod) => isPodReady(pod) && disrupted[pod.metadata.name ?? ''] === undefined).length;
    Object.assign(status, {
      currentHealthy: healthy,
      desiredHealthy,
      expectedPods: expected,
      disruptionsAllowed: expected > 0 ? Math.max(healthy - desiredHealthy, 0) : 0,
    });
    if (Object.keys(disrupted).length > 0) status['disruptedPods'] = disrupted;
    else delete status['disruptedPods'];
    setDisruptionAllowed(status, numberAt(status, 'observedGeneration'), this.clock.now());
  }

  /** The pods that were evicted and are not seen to go away yet, with the times of their evictions. */
  #disruptedPods(key: ObjectKey, pods: readonly Pod[], status: JsonObject): JsonObject {
    const waiting = Object.entries(objectAt(status, 'disruptedPods')).filter(([name, time]) => {
      const pod = pods.find(({ metadata }) => metadata.name === name);
      const isGoing = pod === undefined || pod.metadata.deletionTimestamp !== undefined;
      return !isGoing && expiryMs(time) > this.clock.now().getTime();
    });
    if (waiting.length > 0) this.lookAgain(key, Math.min(...waiting.map(([, time]) => expiryMs(time))));
    return Object.fromEntries(waiting);
  }
}

function expiryMs(time: unknown): number {
  return Date.parse(String(time)) + EVICTION_TIMEOUT_MS;
}

function selects(budget: Budget, { metadata }: Pod): boolean {
  return matchesSelector(specOf(budget)['selector'], metadata.labels);
}

/** The budgets that a change to a pod, or to something that makes pods, may matter to. */
function budgetsConcernedBy(api: Api, { resource, object, old }: ObjectEvent): readonly Budget[] {
  const { namespace } = object.metadata;
  if (namespace === undefined || isResource(resource, EVENTS)) return [];
  const budgets = api.list(DISRUPTION_BUDGETS, namespace);
  if (!isResource(resource, PODS)) {
    const isScaled = old !== undefined && specOf(old)['replicas'] !== specOf(object)['replicas'];
    return isScaled ? budgets : [];
  }
  return budgets.filter((budget) => selects(budget, object) || (old !== undefined && selects(budget, old)));
}

function unmanagedPods(budget: Budget): Occurrence {
  const selector = formatSelector(specOf(budget)['selector']);
  const message = `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
  return { type: 'Warning', reason: 'UnmanagedPods', message };
}

async function writeStatus(
  api: Api,
  { metadata: { namespace, name = '', uid } }: Budget,
  change: (status: JsonObject, generation: number | undefined) => void,
): Promise<void> {
  await api.update(
    DISRUPTION_BUDGETS,
    namespace,
    name,
    (draft) => {
      if (draft.metadata.uid !== uid) return;
      const { generation } = draft.metadata;
      const status: JsonObject = { ...statusOf(draft), conditions: objectsAt(statusOf(draft), 'conditions') };
      status['observedGeneration'] = generation;
      change(status, generation);
      draft['status'] = status;
    },
    'status',
  );
}

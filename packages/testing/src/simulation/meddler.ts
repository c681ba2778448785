import type { ControlPlane } from '@trueup/control-plane';
import type { FaultSchedule, Meddling } from './fault-schedule.js';

type Api = ControlPlane['api'];
type ServedObject = ReturnType<Api['list']>[number];

interface Target {
  readonly resource: ReturnType<Api['resources']>[number];
  readonly object: ServedObject;
}

export interface MeddlerOptions {
  readonly api: Api;
  readonly namespace: string;
  readonly schedule: FaultSchedule;
  /** Starts the operator anew, without a crash. */
  readonly restart: () => void;
}

/** Not made by operators, but by the server's controllers for them. */
const MADE_BY_SERVER = new Set(['pods', 'replicasets', 'controllerrevisions', 'endpoints', 'endpointslices']);
const TOUCHED = 'simulation/touched';

/** Somebody who does what an operator has to put right: deletes and changes what it made, touches what it reconciles. */
export class Meddler {
  constructor(private readonly options: MeddlerOptions) {}

  /** @param held - Objects, as `Kind/name`, for which nothing is applied now: what they own is left alone. */
  async meddle({ type, random }: Meddling, held: ReadonlySet<string>): Promise<void> {
    const { schedule, restart } = this.options;
    if (type === 'restart') {
      schedule.record('the operator is restarted');
      restart();
      return;
    }
    const targets = type === 'touch' ? this.#owners() : this.#owned(held);
    const target = targets[Math.floor(random * targets.length)];
    if (target === undefined) return;
    schedule.record(`somebody ${DID[type]} ${target.resource.kind}/${target.object.metadata.name}`);
    if (type === 'delete') await this.#delete(target);
    else if (type === 'change') await this.#update(target, change);
    else {
      await this.#update(target, touch);
      await this.#update(target, untouch);
    }
  }

  #all(): readonly Target[] {
    const { api, namespace } = this.options;
    return api
      .resources()
      .filter(({ namespaced, plural }) => namespaced && !MADE_BY_SERVER.has(plural))
      .flatMap((resource) => api.list(resource, namespace).map((object) => ({ resource, object })));
  }

  #owned(held: ReadonlySet<string>): readonly Target[] {
    return this.#all().filter(({ object }) => {
      const owner = controllerOf(object);
      return owner !== undefined && !held.has(`${owner.kind}/${owner.name}`);
    });
  }

  #owners(): readonly Target[] {
    const all = this.#all();
    const uids = new Set(all.map(({ object }) => controllerOf(object)?.uid));
    return all.filter(({ object }) => uids.has(object.metadata.uid));
  }

  async #delete({ resource, object }: Target): Promise<void> {
    const { uid, namespace, name = '' } = object.metadata;
    await this.options.api.delete(resource, namespace, name, uid === undefined ? {} : { uid });
  }

  async #update({ resource, object }: Target, edit: (draft: ServedObject) => void): Promise<void> {
    const { namespace, name = '' } = object.metadata;
    await this.options.api.update(resource, namespace, name, edit);
  }
}

const DID = { delete: 'deletes', change: 'changes', touch: 'touches' } as const;

function controllerOf({ metadata }: ServedObject) {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

function touch({ metadata }: ServedObject): void {
  metadata.annotations = { ...metadata.annotations, [TOUCHED]: 'yes' };
}

function untouch({ metadata }: ServedObject): void {
  const { [TOUCHED]: _, ...others } = metadata.annotations ?? {};
  if (Object.keys(others).length > 0) metadata.annotations = others;
  else delete metadata.annotations;
}

/** Changes what an operator cares for. */
function change(draft: ServedObject): void {
  const { data } = draft;
  const fields = draft.kind === 'ConfigMap' && typeof data === 'object' && data !== null ? data : draft.metadata.labels;
  const [first] = Object.keys(fields ?? {});
  if (first !== undefined) Object.assign(fields ?? {}, { [first]: 'meddled-with' });
}

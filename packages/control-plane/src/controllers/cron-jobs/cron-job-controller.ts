import type { Clock } from '../../clock.js';
import type { KubeObject } from '../../object.js';
import { Alarms } from '../alarms.js';
import type { Api, ServerController } from '../api.js';
import { isNamespaceTerminating } from '../api-errors.js';
import { CRON_JOBS, isResource, JOBS } from '../resource-names.js';
import { WorkQueue } from '../work-queue.js';
import { controllerOf, OwnedObjects } from '../workloads/owned-objects.js';
import { CronJobRun } from './cron-job-run.js';

/**
 * Makes the Jobs of CronJobs when their time has come, and clears away those that are done.
 *
 * Of runs that were missed, only the last is made up for. The clock is the server's.
 */
export class CronJobController implements ServerController {
  readonly name = 'cronjob-controller';
  readonly #clock: Clock;
  readonly #jobs = new OwnedObjects();
  readonly #alarms: Alarms;
  #queue: WorkQueue | undefined;
  #unsubscribe: (() => void) | undefined;

  constructor({ clock }: { readonly clock: Clock }) {
    this.#clock = clock;
    this.#alarms = new Alarms({ clock, ring: (key) => this.#queue?.add(key) });
  }

  start(api: Api): void {
    const queue = new WorkQueue({ process: (key) => this.#sync(api, key) });
    this.#queue = queue;
    const addCronJob = ({ metadata: { namespace = '', name = '' } }: Readonly<KubeObject>): void => {
      queue.add(`${namespace}/${name}`);
    };
    this.#unsubscribe = api.onEvent((event) => {
      const { resource, object } = event;
      if (isResource(resource, CRON_JOBS)) addCronJob(object);
      if (!isResource(resource, JOBS)) return;
      this.#jobs.observe(event);
      const owner = controllerOf(object);
      if (owner?.kind === 'CronJob') queue.add(`${object.metadata.namespace ?? ''}/${owner.name}`);
    });
    for (const object of api.list(JOBS)) this.#jobs.observe({ type: 'ADDED', object });
    for (const cronJob of api.list(CRON_JOBS)) addCronJob(cronJob);
  }

  stop(): void {
    this.#unsubscribe?.();
    this.#queue?.stop();
    this.#alarms.stop();
    this.#jobs.clear();
  }

  isBusy(): boolean {
    return this.#queue?.isBusy() === true;
  }

  wake(): void {
    this.#alarms.ringDue();
  }

  async #sync(api: Api, key: string): Promise<void> {
    this.#alarms.clear(key);
    const [namespace, name = ''] = key.split('/');
    const cronJob = api.get(CRON_JOBS, namespace, name);
    if (cronJob === undefined) return;
    try {
      const reporter = { name: this.name, api, now: () => this.#clock.now() };
      const nextMs = await new CronJobRun(reporter, cronJob, this.#jobs.of(cronJob)).sync();
      if (nextMs !== undefined) this.#alarms.set(key, nextMs);
    } catch (error) {
      // Its content is being deleted anyway.
      if (!isNamespaceTerminating(error)) throw error;
    }
  }
}

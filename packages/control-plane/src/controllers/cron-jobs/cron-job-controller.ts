import type { Clock } from '../../clock.js';
import type { KubeObject } from '../../object.js';
import type { Api } from '../api.js';
import { isNamespaceTerminating } from '../api-errors.js';
import { objectKey, ObjectController, type ObjectKey } from '../object-controller.js';
import { CRON_JOBS, isResource, JOBS } from '../resource-names.js';
import { controllerOf, OwnedObjects } from '../workloads/owned-objects.js';
import { CronJobRun } from './cron-job-run.js';

/**
 * Makes the Jobs of CronJobs when their time has come, and clears away those that are done.
 *
 * Of runs that were missed, only the last is made up for. The clock is the server's.
 */
export class CronJobController extends ObjectController {
  readonly name = 'cronjob-controller';
  readonly #jobs = new OwnedObjects();

  constructor({ clock }: { readonly clock: Clock }) {
    super(CRON_JOBS, clock);
  }

  protected follow(api: Api, add: (key: ObjectKey) => void): () => void {
    for (const object of api.list(JOBS)) this.#jobs.observe({ type: 'ADDED', object });
    return api.onEvent((event) => {
      const { resource, object } = event;
      if (isResource(resource, CRON_JOBS)) add(objectKey(object.metadata));
      if (!isResource(resource, JOBS)) return;
      this.#jobs.observe(event);
      const owner = controllerOf(object);
      if (owner?.kind === 'CronJob') add(objectKey({ namespace: object.metadata.namespace, name: owner.name }));
    });
  }

  protected async sync(api: Api, cronJob: Readonly<KubeObject>, key: ObjectKey): Promise<void> {
    try {
      const nextMs = await new CronJobRun(this.reporter(api), cronJob, this.#jobs.of(cronJob)).sync();
      if (nextMs !== undefined) this.lookAgain(key, nextMs);
    } catch (error) {
      // Its content is being deleted anyway.
      if (!isNamespaceTerminating(error)) throw error;
    }
  }

  override stop(): void {
    super.stop();
    this.#jobs.clear();
  }
}

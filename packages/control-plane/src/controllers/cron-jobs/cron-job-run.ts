import { objectsAt, optionalNumberAt, optionalStringAt, specOf, statusOf, stringAt } from '../../access.js';
import { secondsTime } from '../../builtins/go-time.js';
import { CronError, parseCron, type CronSchedule } from '../../cron/cron-schedule.js';
import type { JsonObject, KubeObject } from '../../object.js';
import { TimeZone } from '../../time-zone.js';
import { isConflict, isNamespaceTerminating } from '../api-errors.js';
import { recordEvent, type Occurrence, type Reporter } from '../record-event.js';
import { CRON_JOBS, JOBS } from '../resource-names.js';
import { jobOutcome } from '../workloads/job-outcome.js';
import { controllerOf } from '../workloads/owned-objects.js';
import { jobNameOf, jobOfCronJob } from './job-of-cron-job.js';
import { dueRuns, NeverDueError, type DueRuns } from './missed-runs.js';

type Job = Readonly<KubeObject>;

/** One look at a CronJob. */
export class CronJobRun {
  readonly #reporter: Reporter;
  readonly #cronJob: Readonly<KubeObject>;
  readonly #jobs: readonly Job[];
  /** References to the Jobs that run, as the status lists them. */
  #active: readonly JsonObject[];
  #lastScheduleTime: string | undefined;
  #lastSuccessfulTime: string | undefined;

  /** @param jobs - Those that the CronJob made. */
  constructor(reporter: Reporter, cronJob: Readonly<KubeObject>, jobs: readonly Job[]) {
    this.#reporter = reporter;
    this.#cronJob = cronJob;
    this.#jobs = jobs;
    const status = statusOf(cronJob);
    this.#active = objectsAt(status, 'active');
    this.#lastScheduleTime = optionalStringAt(status, 'lastScheduleTime');
    this.#lastSuccessfulTime = optionalStringAt(status, 'lastSuccessfulTime');
  }

  /** @returns when to look again, in milliseconds since the epoch. */
  async sync(): Promise<number | undefined> {
    await this.#clearHistory();
    await this.#takeInJobs();
    const nextMs = await this.#runIfDue();
    await this.#report();
    return nextMs;
  }

  async #clearHistory(): Promise<void> {
    for (const [outcome, limit] of [
      ['Complete', 'successfulJobsHistoryLimit'],
      ['Failed', 'failedJobsHistoryLimit'],
    ] as const) {
      const done = this.#jobs.filter((job) => jobOutcome(job) === outcome).sort(byStartTime);
      const kept = optionalNumberAt(specOf(this.#cronJob), limit) ?? done.length;
      for (const job of done.slice(0, Math.max(done.length - kept, 0))) await this.#deleteJob(job);
    }
  }

  /** Notes what has become of the Jobs. */
  async #takeInJobs(): Promise<void> {
    for (const job of this.#jobs) {
      const { uid = '', name = '' } = job.metadata;
      const outcome = jobOutcome(job);
      const isListed = this.#isActive(uid);
      if (outcome === undefined && !isListed) {
        const message = `Saw a job that the controller did not create or forgot: ${name}`;
        await this.#tell({ type: 'Warning', reason: 'UnexpectedJob', message });
      }
      if (outcome !== undefined && isListed) {
        this.#dropActive(uid);
        const message = `Saw completed job: ${name}, condition: ${outcome}`;
        await this.#tell({ type: 'Normal', reason: 'SawCompletedJob', message });
      }
      const completed = stringAt(statusOf(job), 'completionTime');
      if (outcome === 'Complete' && completed > (this.#lastSuccessfulTime ?? '')) this.#lastSuccessfulTime = completed;
    }
    for (const reference of this.#active) {
      if (this.#jobs.some(({ metadata }) => metadata.uid === reference['uid'])) continue;
      this.#dropActive(stringAt(reference, 'uid'));
      const message = `Active job went missing: ${stringAt(reference, 'name')}`;
      await this.#tell({ type: 'Normal', reason: 'MissingJob', message });
    }
  }

  async #runIfDue(): Promise<number | undefined> {
    const spec = specOf(this.#cronJob);
    const schedule = await this.#schedule();
    const isIdle = this.#cronJob.metadata.deletionTimestamp !== undefined || spec['suspend'] === true;
    if (isIdle || schedule === undefined) return undefined;
    const runs = await this.#dueRuns(schedule);
    if (runs?.dueMs === undefined) return runs?.nextMs;
    await this.#run(runs.dueMs);
    return runs.nextMs;
  }

  /** Undefined when what the CronJob says is no schedule. */
  async #schedule(): Promise<CronSchedule | undefined> {
    const spec = specOf(this.#cronJob);
    const zoneName = optionalStringAt(spec, 'timeZone');
    const zone = zoneName === undefined ? TimeZone.UTC : TimeZone.named(zoneName);
    const text = stringAt(spec, 'schedule');
    try {
      if (zone !== undefined) return parseCron(text, zone);
      const message = `invalid timeZone: ${JSON.stringify(zoneName)}: unknown time zone ${zoneName ?? ''}`;
      await this.#tell({ type: 'Warning', reason: 'UnknownTimeZone', message });
    } catch (error) {
      if (!(error instanceof CronError)) throw error;
      const message = `unparseable schedule: ${JSON.stringify(text)} : ${error.message}`;
      await this.#tell({ type: 'Warning', reason: 'UnparseableSchedule', message });
    }
    return undefined;
  }

  async #dueRuns(schedule: CronSchedule): Promise<DueRuns | undefined> {
    const spec = specOf(this.#cronJob);
    const nowMs = this.#reporter.now().getTime();
    const sinceMs = Date.parse(this.#lastScheduleTime ?? this.#cronJob.metadata.creationTimestamp ?? '');
    const startingDeadlineSeconds = optionalNumberAt(spec, 'startingDeadlineSeconds');
    try {
      const runs = dueRuns(schedule, {
        sinceMs,
        nowMs,
        ...(startingDeadlineSeconds === undefined ? {} : { startingDeadlineSeconds }),
      });
      if (runs.hasMissedMany) {
        const message =
          'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew';
        await this.#tell({ type: 'Warning', reason: 'TooManyMissedTimes', message });
      }
      return runs;
    } catch (error) {
      if (!(error instanceof NeverDueError)) throw error;
      const message = `invalid schedule: ${stringAt(spec, 'schedule')} : ${error.message}`;
      await this.#tell({ type: 'Warning', reason: 'InvalidSchedule', message });
      return undefined;
    }
  }

  async #run(dueMs: number): Promise<void> {
    const policy = specOf(this.#cronJob)['concurrencyPolicy'];
    const name = jobNameOf(this.#cronJob, dueMs);
    const isDone = this.#active.some((job) => job['name'] === name) || this.#lastScheduleTime === timeOf(dueMs);
    if (isDone) return;
    if (policy === 'Forbid' && this.#active.length > 0) {
      const message = 'Not starting job because prior execution is running and concurrency policy is Forbid';
      await this.#tell({ type: 'Normal', reason: 'JobAlreadyActive', message });
      return;
    }
    if (policy === 'Replace') {
      for (const job of this.#jobs) if (this.#isActive(job.metadata.uid ?? '')) await this.#deleteJob(job);
    }
    const job = await this.#makeJob(dueMs);
    if (job === undefined) return;
    this.#active = [...this.#active, referenceTo(job)];
    this.#lastScheduleTime = timeOf(dueMs);
  }

  /** @returns undefined when somebody else has taken the Job's name. */
  async #makeJob(dueMs: number): Promise<Job | undefined> {
    const wanted = jobOfCronJob(this.#cronJob, dueMs);
    const { name = '', namespace } = wanted.metadata;
    try {
      const job = await this.#reporter.api.create(JOBS, wanted);
      await this.#tell({ type: 'Normal', reason: 'SuccessfulCreate', message: `Created job ${name}` });
      return job;
    } catch (error) {
      if (isNamespaceTerminating(error)) throw error;
      if (isConflict(error)) {
        // Made before, and the status was not written: it is taken in now.
        const job = this.#reporter.api.get(JOBS, namespace, name);
        return job && controllerOf(job)?.uid === this.#cronJob.metadata.uid ? job : undefined;
      }
      const problem = error instanceof Error ? error.message : String(error);
      await this.#tell({ type: 'Warning', reason: 'FailedCreate', message: `Error creating job: ${problem}` });
      throw error;
    }
  }

  async #deleteJob({ metadata: { namespace, name = '', uid = '' } }: Job): Promise<void> {
    try {
      await this.#reporter.api.delete(JOBS, namespace, name, { uid, propagationPolicy: 'Background' });
    } catch (error) {
      // Another one has its name by now.
      if (!isConflict(error)) throw error;
    }
    this.#dropActive(uid);
    await this.#tell({ type: 'Normal', reason: 'SuccessfulDelete', message: `Deleted job ${name}` });
  }

  async #report(): Promise<void> {
    const { namespace, name = '', uid } = this.#cronJob.metadata;
    await this.#reporter.api.update(
      CRON_JOBS,
      namespace,
      name,
      (draft) => {
        if (draft.metadata.uid !== uid) return;
        draft['status'] = {
          ...(this.#active.length > 0 ? { active: this.#active } : {}),
          ...(this.#lastScheduleTime === undefined ? {} : { lastScheduleTime: this.#lastScheduleTime }),
          ...(this.#lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime: this.#lastSuccessfulTime }),
        };
      },
      'status',
    );
  }

  #isActive(uid: string): boolean {
    return this.#active.some((reference) => reference['uid'] === uid);
  }

  #dropActive(uid: string): void {
    this.#active = this.#active.filter((reference) => reference['uid'] !== uid);
  }

  #tell(occurrence: Occurrence): Promise<void> {
    return recordEvent(this.#reporter, this.#cronJob, occurrence);
  }
}

function timeOf(momentMs: number): string {
  return secondsTime(new Date(momentMs));
}

function byStartTime(a: Job, b: Job): number {
  const [first, second] = [a, b].map((job) => `${stringAt(statusOf(job), 'startTime')} ${job.metadata.name ?? ''}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
}

function referenceTo({ metadata: { name, namespace, uid, resourceVersion } }: Job): JsonObject {
  return { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid, resourceVersion };
}

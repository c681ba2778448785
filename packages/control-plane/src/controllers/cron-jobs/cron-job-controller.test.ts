import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { objectsAt, specOf, statusOf } from '../../access.js';
import { systemClock } from '../../clock.js';
import type { JsonObject, KubeObject } from '../../object.js';
import type { Api } from '../api.js';
import { makeApi, settle } from '../controllers.test-support.js';
import { CRON_JOBS, EVENTS, JOBS } from '../resource-names.js';
import { CronJobController } from './cron-job-controller.js';

const START = '2026-01-01T00:00:30Z';
const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image: 'app:1' }] } };

let api: Api;
let controller: CronJobController;
let nowMs: number;

beforeEach(async () => {
  nowMs = Date.parse(START);
  const now = (): Date => new Date(nowMs);
  api = await makeApi({ now });
  controller = new CronJobController({ clock: { ...systemClock, now } });
  controller.start(api);
});
afterEach(() => {
  controller.stop();
});

const settled = (): Promise<void> => settle([controller]);

function passUntil(time: string): Promise<void> {
  nowMs = Date.parse(time);
  controller.wake();
  return settled();
}

async function create(spec: JsonObject): Promise<void> {
  await api.create(CRON_JOBS, {
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    metadata: { name: 'c', namespace: 'default' },
    spec: { schedule: '0 * * * *', jobTemplate: { metadata: { labels: { app: 'a' } }, spec: { template } }, ...spec },
  });
  await settled();
}

async function change(spec: JsonObject): Promise<void> {
  await api.update(CRON_JOBS, 'default', 'c', (draft) => {
    draft['spec'] = { ...specOf(draft), ...spec };
  });
  await settled();
}

const jobs = (): readonly Readonly<KubeObject>[] => api.list(JOBS, 'default');
const status = (): JsonObject =>
  statusOf(api.get(CRON_JOBS, 'default', 'c') ?? { apiVersion: '', kind: '', metadata: {} });
const reasons = (): unknown[] => api.list(EVENTS, 'default').map(({ reason }) => reason);

/** Lets a Job end. */
async function end(name: string | undefined, type: 'Complete' | 'Failed', completionTime?: string): Promise<void> {
  await api.update(
    JOBS,
    'default',
    name ?? '',
    (draft) => {
      draft['status'] = {
        startTime: completionTime ?? new Date(nowMs).toISOString(),
        ...(completionTime === undefined ? {} : { completionTime }),
        conditions: [{ type, status: 'True' }],
      };
    },
    'status',
  );
  await settled();
}

describe('a CronJob', () => {
  it('makes a Job when its time has come, which says when that was', async () => {
    await create({});
    await passUntil('2026-01-01T00:59:59Z');
    expect(jobs()).toEqual([]);

    await passUntil('2026-01-01T01:00:02Z');

    const [job] = jobs();
    expect(jobs()).toHaveLength(1);
    expect(job).toMatchObject({
      metadata: {
        name: `c-${String(Date.parse('2026-01-01T01:00:00Z') / 60_000)}`,
        labels: { app: 'a' },
        annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T01:00:00Z' },
        ownerReferences: [{ kind: 'CronJob', name: 'c', controller: true, blockOwnerDeletion: true }],
      },
    });
    expect(status()).toEqual({
      active: [expect.objectContaining({ kind: 'Job', name: job?.metadata.name, uid: job?.metadata.uid })],
      lastScheduleTime: '2026-01-01T01:00:00Z',
    });
    expect(reasons()).toEqual(['SuccessfulCreate']);
  });

  it('runs once for all the times it has missed', async () => {
    await create({});
    await passUntil('2026-01-01T05:10:00Z');

    expect(jobs()).toHaveLength(1);
    expect(status()).toMatchObject({ lastScheduleTime: '2026-01-01T05:00:00Z' });
  });

  it.each([
    { startingDeadlineSeconds: 300, runs: 0 },
    { startingDeadlineSeconds: 700, runs: 1 },
  ])(
    'that may begin $startingDeadlineSeconds s late runs $runs times when it is 600 s late',
    async ({ startingDeadlineSeconds, runs }) => {
      await create({ startingDeadlineSeconds });
      await passUntil('2026-01-01T01:10:00Z');

      expect(jobs()).toHaveLength(runs);
    },
  );

  it('goes by the clock of its time zone', async () => {
    await create({ schedule: '30 8 * * *', timeZone: 'Asia/Kolkata' });
    await passUntil('2026-01-01T03:00:00Z');

    expect(jobs()[0]?.metadata.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-01T08:30:00+05:30',
    });
  });

  it('makes no Job while it is suspended, and makes up for one when it no longer is', async () => {
    await create({ suspend: true });
    await passUntil('2026-01-01T02:10:00Z');
    expect(jobs()).toEqual([]);

    await change({ suspend: false });
    expect(status()).toMatchObject({ lastScheduleTime: '2026-01-01T02:00:00Z' });
  });

  it.each([
    { policy: 'Allow', names: 2, active: 2 },
    { policy: 'Forbid', names: 1, active: 1 },
    { policy: 'Replace', names: 1, active: 1 },
  ])(
    'with concurrencyPolicy $policy has $active active Jobs when the first takes too long',
    async ({ policy, names, active }) => {
      await create({ concurrencyPolicy: policy });
      await passUntil('2026-01-01T01:00:00Z');
      const [first] = jobs();
      await passUntil('2026-01-01T02:00:00Z');

      expect(jobs()).toHaveLength(names);
      expect(objectsAt(status(), 'active')).toHaveLength(active);
      expect(jobs().some(({ metadata }) => metadata.uid === first?.metadata.uid)).toBe(policy !== 'Replace');
      expect(reasons().includes('JobAlreadyActive')).toBe(policy === 'Forbid');
    },
  );

  it('with concurrencyPolicy Forbid runs late, when the one before has ended', async () => {
    await create({ concurrencyPolicy: 'Forbid' });
    await passUntil('2026-01-01T01:00:00Z');
    await passUntil('2026-01-01T02:30:00Z');

    await end(jobs()[0]?.metadata.name, 'Complete', '2026-01-01T02:30:00Z');

    expect(jobs()).toHaveLength(2);
    expect(status()).toMatchObject({
      lastScheduleTime: '2026-01-01T02:00:00Z',
      lastSuccessfulTime: '2026-01-01T02:30:00Z',
    });
  });

  it('keeps as many Jobs that have ended as it says, the latest', async () => {
    await create({ successfulJobsHistoryLimit: 1, failedJobsHistoryLimit: 0 });
    for (const hour of ['01', '02', '03']) {
      await passUntil(`2026-01-01T${hour}:00:00Z`);
      const running = jobs().find((job) => statusOf(job)['conditions'] === undefined);
      await end(running?.metadata.name, hour === '02' ? 'Failed' : 'Complete', `2026-01-01T${hour}:00:10Z`);
    }

    expect(jobs().map((job) => statusOf(job)['completionTime'])).toEqual(['2026-01-01T03:00:10Z']);
    expect(status()).toEqual({
      lastScheduleTime: '2026-01-01T03:00:00Z',
      lastSuccessfulTime: '2026-01-01T03:00:10Z',
    });
  });

  it('forgets a Job that somebody deleted', async () => {
    await create({});
    await passUntil('2026-01-01T01:00:00Z');

    await api.delete(JOBS, 'default', jobs()[0]?.metadata.name ?? '');
    await settled();

    expect(status()).toEqual({ lastScheduleTime: '2026-01-01T01:00:00Z' });
    expect(reasons()).toContain('MissingJob');
  });

  it('follows a schedule that was changed', async () => {
    await create({ schedule: '0 0 1 1 *' });
    await change({ schedule: '*/5 * * * *' });
    await passUntil('2026-01-01T00:05:00Z');

    expect(jobs()).toHaveLength(1);
  });

  it('makes up for a run when what kept it from that for long is gone', async () => {
    await create({});
    jest.useFakeTimers({ doNotFake: ['Date', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate'] });
    const refused = jest.spyOn(api, 'create').mockRejectedValue(new Error('no'));
    nowMs = Date.parse('2026-01-01T01:00:00Z');
    controller.wake();
    while (controller.isBusy()) {
      jest.advanceTimersByTime(1000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(refused.mock.calls.length).toBeGreaterThan(8);
    refused.mockRestore();
    jest.useRealTimers();

    await passUntil('2026-01-01T01:00:10Z');

    expect(jobs()).toHaveLength(1);
  });

  it('writes nothing when nothing is due', async () => {
    await create({});
    await passUntil('2026-01-01T01:00:00Z');
    const writes: string[] = [];
    api.onEvent(({ object }) => writes.push(object.kind));

    await passUntil('2026-01-01T01:30:00Z');
    await change({ schedule: '0 * * * *' });

    expect(writes).toEqual([]);
  });

  it.each([
    {
      spec: { schedule: '60 * * * *' },
      errors: ['spec.schedule: Invalid value: "60 * * * *": end of range (60) above maximum (59): 60'],
    },
    { spec: { schedule: '' }, errors: ['spec.schedule: Required value'] },
    {
      spec: { schedule: 'TZ=UTC 0 * * * *' },
      errors: [
        'spec.schedule: Invalid value: "TZ=UTC 0 * * * *": cannot use TZ or CRON_TZ in schedule, use timeZone field instead',
      ],
    },
    {
      spec: { timeZone: 'Mars/Base' },
      errors: ['spec.timeZone: Invalid value: "Mars/Base": unknown time zone Mars/Base'],
    },
    { spec: { timeZone: '+01:00' }, errors: ['spec.timeZone: Invalid value: "+01:00": unknown time zone +01:00'] },
    {
      spec: { startingDeadlineSeconds: -1 },
      errors: ['spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0'],
    },
    {
      spec: { jobTemplate: { spec: { completionMode: 'Indexed', parallelism: 1, template } } },
      errors: ['spec.jobTemplate.spec.completions: Required value: when completion mode is Indexed'],
    },
  ])('is refused with $spec', async ({ spec, errors }) => {
    await expect(create(spec)).rejects.toMatchObject({
      code: 422,
      message: `CronJob.batch "c" is invalid: ${errors.join(', ')}`,
    });
  });
});

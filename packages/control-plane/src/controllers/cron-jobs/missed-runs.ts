import type { CronSchedule } from '../../cron/cron-schedule.js';

/** What a CronJob has to do at some moment. Times are in milliseconds since the epoch. */
export interface DueRuns {
  /** The last time that it should have run at and has not; of several only this one counts. */
  readonly dueMs?: number;
  /** The first time after it. */
  readonly nextMs?: number;
  /** More than a hundred times have passed: somebody's clock is wrong, or nobody looked for long. */
  readonly hasMissedMany: boolean;
}

export interface RunWindow {
  /** The last run, or the making of the CronJob. */
  readonly sinceMs: number;
  readonly nowMs: number;
  /** How late a run may begin; absent: any time. */
  readonly startingDeadlineSeconds?: number;
}

const MANY = 100;

/** Thrown for a schedule that never comes, such as the 31st of February. */
export class NeverDueError extends Error {
  override readonly name = 'NeverDueError';

  constructor() {
    super('time difference between two schedules is less than 1 second');
  }
}

/**
 * Finds out which run of a schedule is due. Regular schedules are counted, not walked through: the interval between the
 * first two runs tells about where to look for the last.
 *
 * @throws {@link NeverDueError}
 */
export function dueRuns(
  schedule: CronSchedule,
  { sinceMs, nowMs, startingDeadlineSeconds = Infinity }: RunWindow,
): DueRuns {
  const earliestMs = Math.max(sinceMs, nowMs - startingDeadlineSeconds * 1000);
  const first = schedule.next(earliestMs);
  if (first === undefined) throw new NeverDueError();
  if (first > nowMs) return { nextMs: first, hasMissedMany: false };
  const second = schedule.next(first);
  if (second === undefined || second > nowMs) {
    return { dueMs: first, ...(second === undefined ? {} : { nextMs: second }), hasMissedMany: false };
  }
  const intervalMs = second - first;
  const missed = Math.floor((nowMs - first) / intervalMs) + 1;
  let dueMs = first;
  let nextMs = firstLookMs(schedule, { first, intervalMs, missed, nowMs });
  while (nextMs !== undefined && nextMs <= nowMs) {
    dueMs = nextMs;
    nextMs = schedule.next(dueMs);
  }
  return { dueMs, ...(nextMs === undefined ? {} : { nextMs }), hasMissedMany: missed > MANY };
}

interface Count {
  readonly first: number;
  readonly intervalMs: number;
  readonly missed: number;
  readonly nowMs: number;
}

/** A run that is past, as late as can be told: from two intervals before the end, and further back where nothing ran there. */
function firstLookMs(schedule: CronSchedule, { first, intervalMs, missed, nowMs }: Count): number | undefined {
  for (let back = 2; back < missed; back *= 2) {
    const nextMs = schedule.next(first + (missed - back) * intervalMs);
    if (nextMs !== undefined && nextMs <= nowMs) return nextMs;
  }
  return schedule.next(first);
}

/** Time as the server sees it: what objects are stamped with, and what watches and retries wait by. */
export interface Clock {
  now(): Date;
  /** Calls back once after a delay in milliseconds. Returns what cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The machine's clock. Its timers keep no process alive. */
export const systemClock: Clock = {
  now: () => new Date(),
  schedule(delayMs, callback) {
    const timer = setTimeout(callback, delayMs).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** A clock of which only the time is given has the machine's timers. */
export function clockOf(clock: Clock | (() => Date) = systemClock): Clock {
  return typeof clock === 'function' ? { ...systemClock, now: clock } : clock;
}

/** A clock that is ahead of another one by so many milliseconds; its delays are as long. */
export function skewed(clock: Clock, skewMs: () => number): Clock {
  return {
    now: () => new Date(clock.now().getTime() + skewMs()),
    schedule: (delayMs, callback) => clock.schedule(delayMs, callback),
  };
}

let latest = { second: NaN, text: '' };

/** A moment as objects carry it: UTC, in whole seconds. Objects of the same second share the text. */
export function timestamp(moment: Date): string {
  const second = Math.floor(moment.getTime() / 1000);
  if (second !== latest.second) latest = { second, text: moment.toISOString().replace(/\.\d+Z$/, 'Z') };
  return latest.text;
}

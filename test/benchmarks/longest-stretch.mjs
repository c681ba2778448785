// For how long an event loop stalls.
import { readFileSync } from 'node:fs';

/**
 * Finds out for how long the event loop did not turn: by the CPU time of its thread where that is told, so that what else the
 * machine does is not counted, and by the clock.
 */
export function longestStretch() {
  const longest = { cpuMs: 0, clockMs: 0 };
  let latest = { cpuMs: threadMs(), clockMs: performance.now() };
  const look = () => {
    const now = { cpuMs: threadMs(), clockMs: performance.now() };
    for (const time of ['cpuMs', 'clockMs']) longest[time] = Math.max(longest[time], now[time] - latest[time]);
    latest = now;
  };
  const timer = setInterval(look, 1);
  return {
    stop() {
      clearInterval(timer);
      look();
      return longest;
    },
  };
}

function threadMs() {
  try {
    return Number(readFileSync('/proc/self/schedstat', 'utf8').split(' ')[0]) / 1e6;
  } catch {
    return performance.now();
  }
}

/**
 * Resolves when nothing is left to run before a timer or a socket has something to tell: no promise, tick or immediate waits
 * for its turn, and no file is being read.
 */
export function eventLoopIsQuiet(): Promise<void> {
  return new Promise((resolve) => {
    // Promises and ticks run between two immediates; so in one of these, what is left are others.
    const look = (): void => {
      if (process.getActiveResourcesInfo().some(isWork)) setImmediate(look);
      else resolve();
    };
    setImmediate(look);
  });
}

function isWork(resource: string): boolean {
  return resource === 'Immediate' || resource.startsWith('FSReq');
}

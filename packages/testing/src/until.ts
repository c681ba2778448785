const LIMIT_MS = 20_000;

/**
 * Lets the event loop run until something is so: for what nobody tells when it has happened.
 *
 * @throws after 20 seconds. A loop that went on for ever would outlive its test, and jest with it.
 */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAtMs = performance.now() + LIMIT_MS;
  while (!(await isSo())) {
    if (performance.now() > giveUpAtMs) throw new Error(`not so after ${LIMIT_MS / 1000} s: ${String(isSo)}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

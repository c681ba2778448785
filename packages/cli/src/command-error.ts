/** What the user did or gave cannot work. Shown as one line; its cause only with `--verbose`. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** An error as the user sees it: one line, or everything. */
export function describeError(error: unknown, isVerbose: boolean): string {
  if (!(error instanceof Error)) return String(error);
  return isVerbose ? (error.stack ?? error.message) : error.message;
}

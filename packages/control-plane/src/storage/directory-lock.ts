import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Another server has the data open. */
export class DataInUseError extends Error {
  override readonly name = 'DataInUseError';
  readonly code = 'ERR_DATA_IN_USE';

  constructor(
    readonly path: string,
    processId: number,
    lockFile: string,
  ) {
    super(
      `the data in ${path} is in use by process ${String(processId)}; stop it, or take another directory ` +
        `(if that process is no control plane, remove ${lockFile})`,
    );
  }
}

const FILE_NAME = 'server.pid';
/** Those of this process: one by its number may be left from an earlier life, in a container. */
const held = new Set<string>();

/** Keeps a directory for one process, which may be killed without releasing it. */
export class DirectoryLock {
  readonly #file: string;

  private constructor(file: string) {
    this.#file = file;
    held.add(file);
  }

  /** @throws {@link DataInUseError} while a process lives that has it. */
  static acquire(directory: string): DirectoryLock {
    const file = join(directory, FILE_NAME);
    const holder = holderOf(file);
    if (holder !== undefined) throw new DataInUseError(directory, holder, file);
    writeFileSync(file, String(process.pid));
    return new DirectoryLock(file);
  }

  release(): void {
    rmSync(this.#file, { force: true });
    held.delete(this.#file);
  }
}

function holderOf(file: string): number | undefined {
  let processId: number;
  try {
    processId = Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
  const isAlive = processId === process.pid ? held.has(file) : processExists(processId);
  return isAlive ? processId : undefined;
}

function processExists(processId: number): boolean {
  if (!Number.isSafeInteger(processId) || processId <= 0) return false;
  try {
    process.kill(processId, 0);
    return true;
  } catch (error) {
    // It is there, but somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

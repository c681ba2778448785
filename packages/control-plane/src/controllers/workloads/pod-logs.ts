/** What is kept of the log of a container, in characters. */
const LIMIT = 1024 * 1024;

export interface LogLine {
  readonly time: Date;
  /** Without the line break. */
  readonly text: string;
}

/** Hears what becomes of a log. */
export interface LogFollower {
  line(line: LogLine): void;
  /** The pod is gone, or the server stops. */
  ended(): void;
}

interface Log {
  readonly lines: LogLine[];
  length: number;
  readonly followers: Set<LogFollower>;
}

/** The logs of the containers of pods, as long as these exist: the last MiB of each. */
export class PodLogs {
  readonly #now: () => Date;
  /** By uid of the pod, then by container. */
  readonly #logs = new Map<string, Map<string, Log>>();

  constructor(now: () => Date) {
    this.#now = now;
  }

  /** Appends whole lines; a line break at the end makes no empty one. */
  append(uid: string, container: string, text: string): void {
    const log = this.#log(uid, container);
    for (const part of text.replace(/\n$/, '').split('\n')) {
      const line = { time: this.#now(), text: part };
      log.lines.push(line);
      log.length += part.length + 1;
      for (const follower of log.followers) follower.line(line);
    }
    while (log.length > LIMIT && log.lines.length > 1) log.length -= (log.lines.shift()?.text.length ?? 0) + 1;
  }

  lines(uid: string, container: string): readonly LogLine[] {
    return this.#logs.get(uid)?.get(container)?.lines ?? [];
  }

  /** Tells of what is appended from now on, until the returned function is called. */
  follow(uid: string, container: string, follower: LogFollower): () => void {
    const { followers } = this.#log(uid, container);
    followers.add(follower);
    return () => followers.delete(follower);
  }

  forget(uid: string): void {
    const logs = [...(this.#logs.get(uid)?.values() ?? [])];
    this.#logs.delete(uid);
    for (const { followers } of logs) for (const follower of [...followers]) follower.ended();
  }

  clear(): void {
    for (const uid of [...this.#logs.keys()]) this.forget(uid);
  }

  #log(uid: string, container: string): Log {
    const logs = this.#logs.get(uid) ?? new Map<string, Log>();
    this.#logs.set(uid, logs);
    const log = logs.get(container) ?? { lines: [], length: 0, followers: new Set() };
    logs.set(container, log);
    return log;
  }
}

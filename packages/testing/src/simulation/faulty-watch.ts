import type { FaultSchedule } from './fault-schedule.js';
import { EXPIRED_LINE, objectOfEvent } from './watch-line.js';

export interface FaultyWatchOptions {
  readonly replica: string;
  readonly schedule: FaultSchedule;
  /** Sends a line to the replica. */
  send(line: string): void;
  /** Ends the watch. */
  end(): void;
}

/** Events on their way to a replica: dropped, repeated or late, else in order. */
export class FaultyWatch {
  readonly #held: string[] = [];
  readonly #timers = new Set<NodeJS.Timeout>();
  #heldUntil: number | undefined;
  #hasDropped = false;
  #rest = '';

  constructor(private readonly options: FaultyWatchOptions) {}

  /** Takes in what the server sent. */
  accept(chunk: string): void {
    const lines = (this.#rest + chunk).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#acceptLine(line);
  }

  /** Whether events were dropped: the replica must not go on from what it saw, but list again. */
  get hasDropped(): boolean {
    return this.#hasDropped;
  }

  close(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #acceptLine(line: string): void {
    const { replica, schedule } = this.options;
    const object = objectOfEvent(line);
    const fault = object === undefined ? undefined : schedule.ofEvent(replica, object);
    if (fault?.type === 'drop') {
      this.#hasDropped = true;
      this.#after(fault.expiresAfterMs, () => this.#expire());
      return;
    }
    if (fault?.type === 'late' && this.#heldUntil === undefined) {
      this.#heldUntil = fault.events;
      this.#after(fault.ms, () => this.#release());
    }
    this.#send(line);
    if (fault?.type === 'repeat') this.#send(line);
  }

  #send(line: string): void {
    if (this.#heldUntil === undefined) {
      this.options.send(line);
      return;
    }
    this.#held.push(line);
    if (this.#held.length > this.#heldUntil) this.#release();
  }

  #release(): void {
    this.#heldUntil = undefined;
    for (const line of this.#held.splice(0)) this.options.send(line);
  }

  #expire(): void {
    this.#hasDropped = false;
    this.options.send(EXPIRED_LINE);
    this.options.end();
  }

  #after(ms: number, act: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, ms);
    this.#timers.add(timer);
  }
}

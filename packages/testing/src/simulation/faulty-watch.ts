import type { Clock } from '@trueup/kube';
import type { FaultSchedule } from './fault-schedule.js';
import { EXPIRED_LINE, endsInitialEvents, objectOfEvent } from './watch-line.js';

export interface FaultyWatchOptions {
  readonly replica: string;
  readonly schedule: Pick<FaultSchedule, 'ofEvent'>;
  readonly clock: Clock;
  /** Whether it begins with a list, in which no event can be missing. */
  readonly beginsWithList: boolean;
  /** Sends a line to the replica. */
  send(line: string): void;
  /** Ends the watch. */
  end(): void;
}

/** Events on their way to a replica: dropped, repeated or late, else in order. */
export class FaultyWatch {
  readonly #waiting: string[] = [];
  readonly #cancelTimers = new Set<() => void>();
  #isListing: boolean;
  /** How many events the replica is behind, while it is. */
  #lag = 0;
  #hasDropped = false;
  #rest = '';

  constructor(private readonly options: FaultyWatchOptions) {
    this.#isListing = options.beginsWithList;
  }

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
    for (const cancel of this.#cancelTimers) cancel();
    this.#cancelTimers.clear();
    this.#waiting.length = 0;
  }

  #acceptLine(line: string): void {
    const { replica, schedule } = this.options;
    const object = this.#isListing ? undefined : objectOfEvent(line);
    if (this.#isListing) this.#isListing = !endsInitialEvents(line);
    const fault = object === undefined ? undefined : schedule.ofEvent(replica, object);
    switch (fault?.type) {
      case 'drop':
        this.#hasDropped = true;
        this.#after(fault.expiresAfterMs, () => this.#expire());
        return;
      case 'late':
        if (this.#lag === 0) this.#after(fault.ms, () => this.#catchUp());
        this.#lag = Math.max(this.#lag, fault.events);
        this.#send(line);
        return;
      case 'repeat':
        this.#send(line);
        this.#send(line);
        return;
      case undefined:
        this.#send(line);
    }
  }

  #send(line: string): void {
    this.#waiting.push(line);
    this.#sendAllBut(this.#lag);
  }

  #catchUp(): void {
    this.#lag = 0;
    this.#sendAllBut(0);
  }

  #sendAllBut(count: number): void {
    while (this.#waiting.length > count) this.options.send(this.#waiting.shift() ?? '');
  }

  #expire(): void {
    this.#hasDropped = false;
    this.#sendAllBut(0);
    this.options.send(EXPIRED_LINE);
    this.options.end();
  }

  #after(ms: number, act: () => void): void {
    const cancel = this.options.clock.schedule(ms, () => {
      this.#cancelTimers.delete(cancel);
      act();
    });
    this.#cancelTimers.add(cancel);
  }
}

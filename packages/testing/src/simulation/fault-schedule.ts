import { SeededRandom } from './seeded-random.js';
import type { RequestSubject } from './request-subject.js';

/** What becomes of a request. */
export type RequestFault =
  /** The replica ends, before the server hears of the request or before the replica hears the answer. */
  | { readonly type: 'crash'; readonly when: 'before' | 'after' }
  | { readonly type: 'reset'; readonly when: 'before' | 'after' }
  /** 409, 410, 429 or 500 instead of an answer; nothing is done. */
  | { readonly type: 'refusal'; readonly code: 409 | 410 | 429 | 500 }
  /** The server is away for this replica: connections break, and no new one lasts. */
  | { readonly type: 'outage'; readonly ms: number };

/** What becomes of an event of a watch. */
export type EventFault =
  /** Never shown; some time later the watch expires, and a list tells of it. */
  | { readonly type: 'drop'; readonly expiresAfterMs: number }
  | { readonly type: 'repeat' }
  /** The replica sees neither this one nor what comes after it until a number of events wait, or until the time is over. */
  | { readonly type: 'late'; readonly events: number; readonly ms: number };

/** A fault that was done, for people: `step 2: replica-0 patch greetings/world status #1: crash after`. */
export type FaultRecord = string;

/** Faults in a row that the same request, or events of the same object, can meet in a step. With this the run ends. */
const MAX_FAULTS_OF_A_SUBJECT = 3;
const WRITE_FAULTS = 0.3;
const READ_FAULTS = 0.06;
const EVENT_FAULTS = 0.2;

/**
 * Decides what goes wrong. Each decision follows from the seed and from what it is about: the step, the replica, the
 * request, and how often that request was made. So a seed means the same faults however the requests interleave.
 */
export class FaultSchedule {
  readonly records: FaultRecord[] = [];
  readonly #counts = new Map<string, number>();
  #step: number | undefined;

  /** @param seed - Without one nothing ever goes wrong. */
  constructor(private readonly seed: number | undefined) {}

  begin(step: number): void {
    this.#step = step;
    this.#counts.clear();
  }

  end(): void {
    this.#step = undefined;
  }

  /** Whether a second replica, which thinks that it leads too, runs in the present step. */
  get hasTwoLeaders(): boolean {
    return this.seed !== undefined && new SeededRandom(this.seed, `step ${this.#step} leaders`).happens(0.25);
  }

  ofRequest(replica: string, { verb, path }: RequestSubject): RequestFault | undefined {
    return this.#decide(`${replica} ${verb} ${path}`, (random) => {
      switch (verb) {
        case 'watch':
          return random.happens(READ_FAULTS)
            ? random.pick<RequestFault>([reset('before'), refusal(500), refusal(410), refusal(429), outage(random)])
            : undefined;
        case 'get':
        case 'list':
          return random.happens(READ_FAULTS)
            ? random.pick<RequestFault>([reset('before'), reset('after'), refusal(500), refusal(429), outage(random)])
            : undefined;
        default:
          return random.happens(WRITE_FAULTS) ? random.pick(writeFaults(random)) : undefined;
      }
    });
  }

  ofEvent(replica: string, object: string): EventFault | undefined {
    return this.#decide(`${replica} event ${object}`, (random) =>
      random.happens(EVENT_FAULTS)
        ? random.pick<EventFault>([
            { type: 'drop', expiresAfterMs: random.between(2, 20) },
            { type: 'repeat' },
            { type: 'late', events: random.between(1, 4), ms: random.between(2, 20) },
          ])
        : undefined,
    );
  }

  #decide<F extends RequestFault | EventFault>(
    subject: string,
    draw: (random: SeededRandom) => F | undefined,
  ): F | undefined {
    if (this.seed === undefined || this.#step === undefined) return undefined;
    const count = (this.#counts.get(subject) ?? 0) + 1;
    this.#counts.set(subject, count);
    if (count > MAX_FAULTS_OF_A_SUBJECT) return undefined;
    const name = `step ${this.#step}: ${subject} #${count}`;
    const fault = draw(new SeededRandom(this.seed, name));
    if (fault !== undefined) this.records.push(`${name}: ${Object.values(fault).join(' ')}`);
    return fault;
  }
}

const reset = (when: 'before' | 'after'): RequestFault => ({ type: 'reset', when });
const refusal = (code: 409 | 410 | 429 | 500): RequestFault => ({ type: 'refusal', code });
const outage = (random: SeededRandom): RequestFault => ({ type: 'outage', ms: random.between(5, 30) });

function writeFaults(random: SeededRandom): readonly [RequestFault, ...RequestFault[]] {
  return [
    { type: 'crash', when: 'before' },
    { type: 'crash', when: 'after' },
    reset('before'),
    reset('after'),
    refusal(409),
    refusal(429),
    refusal(500),
    outage(random),
  ];
}

import { SeededRandom } from './seeded-random.js';
import type { RequestSubject } from './request-subject.js';

/** What becomes of a request. */
export type RequestFault =
  /** The replica ends, before the server hears of the request or before the replica hears the answer. */
  | { readonly type: 'crash'; readonly when: 'before' | 'after' }
  | { readonly type: 'reset'; readonly when: 'before' | 'after' }
  /** No answer comes, and the connection stays: that it is dead, only silence tells. */
  | { readonly type: 'silence'; readonly when: 'before' | 'after' }
  /** 409, 410, 429 or 500 instead of an answer; nothing is done. */
  | { readonly type: 'refusal'; readonly code: 409 | 410 | 429 | 500 }
  /** The server is away for this replica: connections break, and no new one lasts. */
  | { readonly type: 'outage'; readonly ms: number };

/** What becomes of an event of a watch. */
export type EventFault =
  /** Never shown; some time later the watch expires, and a list tells of it. */
  | { readonly type: 'drop'; readonly expiresAfterMs: number }
  | { readonly type: 'repeat' }
  /** For a while the replica sees each event only when a number of others have come after it. */
  | { readonly type: 'late'; readonly events: number; readonly ms: number };

/** What somebody does whom the operator does not expect. */
export interface Meddling {
  readonly type: 'delete' | 'change' | 'touch' | 'restart';
  /** When, in milliseconds from the beginning of the step. */
  readonly atMs: number;
  /** From 0 to 1; chooses what is meddled with. */
  readonly random: number;
}

/** How long a request is on its way, and its answer. */
export interface Latency {
  readonly requestMs: number;
  readonly answerMs: number;
}

/** A fault that was done, for people: `step 2: replica-0 patch greetings/world/status #1: crash after`. */
export type FaultRecord = string;

/** Faults in a row that the same request, or events of the same object, can meet in a step. With this the run ends. */
const MAX_FAULTS_OF_A_SUBJECT = 3;
/** Some seeds have few faults, to find what one of them does alone. */
const INTENSITIES = [0.15, 0.5, 1, 1.5] as const;
const WRITE_FAULTS = 0.3;
const READ_FAULTS = 0.06;
const EVENT_FAULTS = 0.2;
/** When nothing goes wrong. */
const PROMPT: Latency = { requestMs: 1, answerMs: 1 };

/**
 * Decides what goes wrong, and how long everything takes. Each decision follows from the seed and from what it is about: the
 * step, the replica, the request, and how often that request was made. So a seed means much the same faults after a change
 * of the operator.
 */
export class FaultSchedule {
  readonly records: FaultRecord[] = [];
  readonly #counts = new Map<string, number>();
  readonly #intensity: number;
  #step: number | undefined;

  /** @param seed - Without one nothing ever goes wrong. */
  constructor(private readonly seed: number | undefined) {
    this.#intensity = seed === undefined ? 0 : new SeededRandom(seed, 'intensity').pick(INTENSITIES);
  }

  begin(step: number): void {
    this.#step = step;
    this.#counts.clear();
  }

  end(): void {
    this.#step = undefined;
  }

  /** Whether a second replica works in the present step, too. No Lease keeps the two apart, as none would do for so long. */
  get hasTwoLeaders(): boolean {
    return this.#draw('leaders', false, (random) => random.happens(0.25));
  }

  /** How long users wait before what they do next, in milliseconds. */
  pauseBefore(deed: number): number {
    return this.#draw(`deed ${deed}`, 0, (random) => random.pick([0, random.between(1, 30), random.between(1, 5_000)]));
  }

  meddlings(): readonly Meddling[] {
    return this.#draw<readonly Meddling[]>('meddling', [], (random) =>
      Array.from({ length: random.happens(0.5 * this.#intensity) ? random.between(1, 4) : 0 }, () => ({
        type: random.pick(['delete', 'change', 'touch', 'touch', 'restart']),
        atMs: random.pick([random.between(0, 30), random.between(0, 1_000), random.between(0, 60_000)]),
        random: random.next(),
      })),
    );
  }

  /** Notes what was done. */
  record(what: string): void {
    this.records.push(`step ${this.#step}: ${what}`);
  }

  /** How long a request of a replica takes. */
  latencyOf(replica: string, { verb, path }: Pick<RequestSubject, 'verb' | 'path'>): Latency {
    const name = `${replica} latency ${verb} ${path}`;
    return this.#draw(`${name} #${this.#count(name)}`, PROMPT, (random) => ({
      requestMs: random.between(0, random.happens(0.1) ? 500 : 10),
      answerMs: random.between(0, random.happens(0.1) ? 500 : 10),
    }));
  }

  ofRequest(replica: string, { verb, path }: Pick<RequestSubject, 'verb' | 'path'>): RequestFault | undefined {
    return this.#decide(`${replica} ${verb} ${path}`, (random) => {
      switch (verb) {
        case 'watch':
          return this.#meets(random, READ_FAULTS) ? random.pick(watchFaults(random)) : undefined;
        case 'get':
        case 'list':
          return this.#meets(random, READ_FAULTS) ? random.pick(readFaults(random)) : undefined;
        default:
          return this.#meets(random, WRITE_FAULTS) ? random.pick(writeFaults(random)) : undefined;
      }
    });
  }

  ofEvent(replica: string, object: string): EventFault | undefined {
    return this.#decide(`${replica} event ${object}`, (random) =>
      this.#meets(random, EVENT_FAULTS)
        ? random.pick<EventFault>([
            { type: 'drop', expiresAfterMs: random.between(50, 30_000) },
            { type: 'repeat' },
            { type: 'late', events: random.between(1, 4), ms: random.between(50, 10_000) },
          ])
        : undefined,
    );
  }

  #meets(random: SeededRandom, probability: number): boolean {
    return random.happens(probability * this.#intensity);
  }

  #decide<F extends RequestFault | EventFault>(
    subject: string,
    draw: (random: SeededRandom) => F | undefined,
  ): F | undefined {
    const count = this.#count(subject);
    if (count > MAX_FAULTS_OF_A_SUBJECT) return undefined;
    const name = `${subject} #${count}`;
    const fault = this.#draw(name, undefined, draw);
    if (fault !== undefined) this.record(`${name}: ${Object.values(fault).join(' ')}`);
    return fault;
  }

  #count(subject: string): number {
    const count = (this.#counts.get(subject) ?? 0) + 1;
    this.#counts.set(subject, count);
    return count;
  }

  #draw<T>(name: string, undisturbed: T, draw: (random: SeededRandom) => T): T {
    if (this.seed === undefined || this.#step === undefined) return undisturbed;
    return draw(new SeededRandom(this.seed, `step ${this.#step}: ${name}`));
  }
}

type Faults = readonly [RequestFault, ...RequestFault[]];

const reset = (when: 'before' | 'after'): RequestFault => ({ type: 'reset', when });
const silence = (when: 'before' | 'after'): RequestFault => ({ type: 'silence', when });
const refusal = (code: 409 | 410 | 429 | 500): RequestFault => ({ type: 'refusal', code });
const outage = (random: SeededRandom): RequestFault => ({ type: 'outage', ms: random.between(500, 60_000) });

function watchFaults(random: SeededRandom): Faults {
  return [reset('before'), silence('after'), refusal(500), refusal(410), refusal(429), outage(random)];
}

function readFaults(random: SeededRandom): Faults {
  return [reset('before'), reset('after'), silence('before'), refusal(500), refusal(429), outage(random)];
}

function writeFaults(random: SeededRandom): Faults {
  return [
    { type: 'crash', when: 'before' },
    { type: 'crash', when: 'after' },
    reset('before'),
    reset('after'),
    silence('before'),
    silence('after'),
    refusal(409),
    refusal(429),
    refusal(500),
    outage(random),
  ];
}

import type { SpanContext } from '@opentelemetry/api';

/** Why keys are worked on, the most urgent first: somebody changed something, the operator came up, it is time to look again. */
export const LANES = ['change', 'backlog', 'resync'] as const;
export type Lane = (typeof LANES)[number];

/** A change that has a key worked on. */
export interface Trigger {
  /** What changed, `ConfigMap default/settings`. */
  readonly object: string;
  /** The OpenTelemetry span of the change, where there are spans. */
  readonly span?: SpanContext;
}

/** A key that waits for its turn. */
export interface WaitingKey {
  readonly key: string;
  readonly lane: Lane;
  /** What put it there first. */
  readonly cause: string;
  /** Which change that was; absent where it was none. */
  readonly trigger?: Trigger;
  /** When that was, in milliseconds of the clock. */
  readonly sinceMs: number;
}

/** A less urgent lane that was passed over so often gets a turn, so that ceaseless changes do not hold up a start for ever. */
const PATIENCE = 16;

/**
 * Keys in the order of their turns: lane before lane, within a lane one key of each namespace in turn, within a namespace
 * in order of arrival. So a namespace with thousands of keys delays one key of another by one turn.
 */
export class ReadyKeys {
  readonly #waiting = new Map<string, WaitingKey>();
  readonly #turns: Readonly<Record<Lane, Turns>> = { change: new Map(), backlog: new Map(), resync: new Map() };
  readonly #passedOver: Record<Lane, number> = { change: 0, backlog: 0, resync: 0 };

  get size(): number {
    return this.#waiting.size;
  }

  has(key: string): boolean {
    return this.#waiting.has(key);
  }

  keys(): Iterable<string> {
    return this.#waiting.keys();
  }

  /** Adds the key, or moves it to a more urgent lane; it keeps the cause and the time it came with. */
  add(waiting: WaitingKey): void {
    const known = this.#waiting.get(waiting.key);
    const merged = known === undefined ? waiting : moreUrgent(known, waiting);
    if (merged === known) return;
    if (known !== undefined) this.#removeTurn(known);
    this.#waiting.set(merged.key, merged);
    const turns = this.#turns[merged.lane];
    const namespace = namespaceOf(merged.key);
    const keys = turns.get(namespace);
    if (keys === undefined) turns.set(namespace, new Set([merged.key]));
    else keys.add(merged.key);
  }

  /** Takes the key whose turn it is. */
  take(): WaitingKey | undefined {
    const lane = this.#nextLane();
    if (lane === undefined) return undefined;
    const turns = this.#turns[lane];
    for (const [namespace, keys] of turns) {
      for (const key of keys) {
        const waiting = this.#waiting.get(key);
        keys.delete(key);
        // To the end of the line: the namespaces take turns.
        turns.delete(namespace);
        if (keys.size > 0) turns.set(namespace, keys);
        this.#waiting.delete(key);
        return waiting;
      }
    }
    return undefined;
  }

  #nextLane(): Lane | undefined {
    const [first, ...others] = LANES.filter((lane) => this.#turns[lane].size > 0);
    const next = others.find((lane) => this.#passedOver[lane] >= PATIENCE) ?? first;
    for (const lane of others) this.#passedOver[lane] += 1;
    if (next !== undefined) this.#passedOver[next] = 0;
    return next;
  }

  #removeTurn({ key, lane }: WaitingKey): void {
    const turns = this.#turns[lane];
    const namespace = namespaceOf(key);
    const keys = turns.get(namespace);
    keys?.delete(key);
    if (keys?.size === 0) turns.delete(namespace);
  }
}

/** The keys of a lane by namespace; the first namespace has the next turn. */
type Turns = Map<string, Set<string>>;

/** One entry for two causes: the lane of the more urgent, the rest of the first. */
export function moreUrgent(first: WaitingKey, other: WaitingKey): WaitingKey {
  return LANES.indexOf(other.lane) < LANES.indexOf(first.lane) ? { ...first, lane: other.lane } : first;
}

/** Keys are `namespace/name`, or a name alone for what has no namespace. */
function namespaceOf(key: string): string {
  const slash = key.indexOf('/');
  return slash < 0 ? '' : key.slice(0, slash);
}

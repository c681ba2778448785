import { pino, type Logger } from 'pino';
import { FaultSchedule, type FaultRecord } from './fault-schedule.js';
import { differencesBetween, heldIn, type Difference, type RestingState } from './resting-state.js';
import type { Scenario } from './scenario.js';
import { World } from './world.js';

export interface SimulationOptions {
  /** Of the operators. Default: silent. */
  readonly logger?: Logger;
}

/** What happened in a run. */
export interface SimulationRun {
  readonly faults: readonly FaultRecord[];
  /** Every request, answer, event and fault, in order and with the simulated time: the same whenever the seed is run. */
  readonly history: readonly string[];
}

/** Thrown when faults lead an operator somewhere else than it gets without them. */
export class SimulationError extends Error {
  override readonly name = 'SimulationError';

  constructor(
    readonly scenario: string,
    /** With this seed the same faults happen again. */
    readonly seed: number | undefined,
    readonly step: string,
    problem: string,
    readonly faults: readonly FaultRecord[],
    readonly differences: readonly Difference[] = [],
  ) {
    super(
      [
        `${scenario} with ${seed === undefined ? 'no faults' : `seed ${seed}`}, step "${step}": ${problem}`,
        ...differences.map(
          (each) =>
            `  ${each.path}\n    undisturbed: ${shown(each.undisturbed)}\n    disturbed:   ${shown(each.disturbed)}`,
        ),
        'faults:',
        ...faults.map((fault) => `  ${fault}`),
      ].join('\n'),
    );
  }
}

const SILENT = pino({ level: 'silent' });

/**
 * Plays a scenario with faults that follow from a seed, and compares where it comes to rest after each step with the same
 * scenario without faults.
 *
 * @example
 * ```ts
 * const simulation = new Simulation(scenario);
 * for (let seed = 1; seed <= 20; seed += 1) await simulation.run(seed);
 * ```
 */
export class Simulation {
  readonly #scenario: Scenario;
  readonly #options: SimulationOptions;
  #undisturbed: Promise<readonly RestingState[]> | undefined;

  constructor(scenario: Scenario, options: SimulationOptions = {}) {
    this.#scenario = scenario;
    this.#options = options;
  }

  /** How everything stands after each step when nothing goes wrong. Played once. */
  undisturbed(): Promise<readonly RestingState[]> {
    this.#undisturbed ??= this.#play(undefined).then(({ states }) => states);
    return this.#undisturbed;
  }

  /**
   * Plays the scenario with the faults of a seed.
   *
   * @throws {@link SimulationError} when a step does not come to rest, or comes to rest otherwise than undisturbed.
   */
  async run(seed: number): Promise<SimulationRun> {
    const expected = await this.undisturbed();
    const { faults, history } = await this.#play(seed, expected);
    return { faults, history };
  }

  async #play(
    seed: number | undefined,
    expected?: readonly RestingState[],
  ): Promise<SimulationRun & { readonly states: readonly RestingState[] }> {
    const schedule = new FaultSchedule(seed);
    const { logger = SILENT } = this.#options;
    await using world = await World.start({ scenario: this.#scenario, seed, schedule, logger });
    const states: RestingState[] = [];
    for (const [index, step] of this.#scenario.steps.entries()) {
      const fail = (problem: string, differences?: readonly Difference[]) =>
        new SimulationError(this.#scenario.name, seed, step.name, problem, schedule.records, differences);
      try {
        await world.play(step, index, heldIn(expected?.[index]));
      } catch (error) {
        throw Object.assign(fail(error instanceof Error ? error.message : String(error)), { cause: error });
      }
      const state = world.state();
      const differences = differencesBetween(expected?.[index] ?? state, state);
      if (differences.length > 0) throw fail('came to rest otherwise than undisturbed', differences);
      states.push(state);
    }
    return { states, faults: schedule.records, history: world.history };
  }
}

function shown(value: unknown): string {
  return value === undefined ? 'nothing' : JSON.stringify(value);
}

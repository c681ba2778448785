import { describe, expect, it } from '@jest/globals';
import { Simulation, type Scenario } from '@trueup/testing/simulation';
import { gatewayScenario } from './gateway-scenario.js';
import { helloScenario } from './hello-scenario.js';
import { mcpScenario } from './mcp-scenario.js';

interface Played {
  readonly scenario: Scenario;
  readonly seeds: readonly number[];
}

/** What `npm test` plays: a few seeds, and the first steps of what takes long. `npm run simulate` plays everything. */
const SAMPLE: readonly Played[] = [
  { scenario: helloScenario, seeds: [36] },
  { scenario: beginningOf(mcpScenario, 4), seeds: [101] },
];
const SCENARIOS = [helloScenario, mcpScenario, gatewayScenario];

/** Of one seed, on a busy machine. */
const TIMEOUT_MS = 300_000;

const { SIMULATION_SEEDS: asked, SIMULATION_FIRST_SEED: first = '1', SIMULATION_SCENARIO: only } = process.env;
const askedSeeds = Array.from({ length: Number(asked ?? 0) }, (_, index) => Number(first) + index);
const played =
  asked === undefined
    ? SAMPLE
    : SCENARIOS.filter(({ name }) => only === undefined || name === only).map((scenario) => ({
        scenario,
        seeds: askedSeeds,
      }));
if (played.length === 0)
  throw new Error(`no scenario ${only}; there are ${SCENARIOS.map(({ name }) => name).join(', ')}`);

describe.each(played)('$scenario.name under faults', ({ scenario, seeds }) => {
  const simulation = new Simulation(scenario);

  it.each(seeds)(
    'comes to rest after each step as it does undisturbed: seed %i',
    async (seed) => {
      const { faults } = await simulation.run(seed).catch((error: unknown) => {
        // Jest tells of failures at the end; thousands of seeds take hours.
        if (asked !== undefined) process.stderr.write(`${String(error)}\n`);
        throw error;
      });
      expect(faults).toBeDefined();
    },
    TIMEOUT_MS,
  );
});

function beginningOf({ steps: [first, ...others], ...scenario }: Scenario, count: number): Scenario {
  return { ...scenario, steps: [first, ...others.slice(0, count - 1)] };
}

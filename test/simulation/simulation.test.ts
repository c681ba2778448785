import { describe, expect, it } from '@jest/globals';
import { Simulation } from '@trueup/testing/simulation';
import { helloScenario } from './hello-scenario.js';
import { mcpScenario } from './mcp-scenario.js';

/** How many seeds `npm test` tries; `npm run simulate` sets another number, and more. */
const scenarios = [
  { scenario: helloScenario, count: 3 },
  { scenario: mcpScenario, count: 1 },
];
const { SIMULATION_SEEDS: asked, SIMULATION_FIRST_SEED: first = '1', SIMULATION_SCENARIO: only } = process.env;
/** Of one seed; the machine may be busy. */
const TIMEOUT_MS = 120_000;

describe.each(scenarios.filter(({ scenario: { name } }) => only === undefined || name === only))(
  '$scenario.name under faults',
  ({ scenario, count }) => {
    const simulation = new Simulation(scenario, { settleTimeoutMs: TIMEOUT_MS / 2 });
    const seeds = Array.from({ length: Number(asked ?? count) }, (_, index) => Number(first) + index);

    it.each(seeds)(
      'comes to rest after each step as it does undisturbed: seed %i',
      async (seed) => {
        expect(await simulation.run(seed)).not.toEqual([]);
      },
      TIMEOUT_MS,
    );
  },
);

import { describe, expect, it } from '@jest/globals';
import { Simulation } from '@trueup/testing/simulation';
import { helloScenario } from './hello-scenario.js';
import { mcpScenario } from './mcp-scenario.js';

const { SIMULATION_SEEDS: asked, SIMULATION_FIRST_SEED: first = '1', SIMULATION_SCENARIO: only } = process.env;
/** Of one seed; the machine may be busy. */
const TIMEOUT_MS = 120_000;

// An operator's clock runs 40 times fast here, its timeouts too: on a machine that runs other suites beside, requests are
// given up that nobody disturbed. So the simulation runs alone, by `npm run simulate`.
if (asked === undefined) process.stderr.write('the simulation is skipped: npm run simulate -- --seeds 10\n');

(asked === undefined ? describe.skip : describe).each(
  [helloScenario, mcpScenario].filter(({ name }) => only === undefined || name === only),
)('$name under faults', (scenario) => {
  const simulation = new Simulation(scenario, { settleTimeoutMs: TIMEOUT_MS / 2 });
  const seeds = Array.from({ length: Number(asked ?? 1) }, (_, index) => Number(first) + index);

  it.each(seeds)(
    'comes to rest after each step as it does undisturbed: seed %i',
    async (seed) => {
      expect(await simulation.run(seed)).not.toEqual([]);
    },
    TIMEOUT_MS,
  );
});

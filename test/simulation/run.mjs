// npm run simulate -- [--seeds 1000] [--first 1] [--seed 17] [--scenario hello-config]: plays scenarios with the faults of many
// seeds, or of one.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    first: { type: 'string', default: '1' },
    seed: { type: 'string' },
    scenario: { type: 'string' },
  },
});

const root = path.resolve(import.meta.dirname, '../..');
const flags = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const { status } = spawnSync(process.execPath, [...flags, 'node_modules/jest/bin/jest.js', 'test/simulation'], {
  cwd: root,
  stdio: 'inherit',
  env: {
    ...process.env,
    SIMULATION_SEEDS: values.seed === undefined ? values.seeds : '1',
    SIMULATION_FIRST_SEED: values.seed ?? values.first,
    ...(values.scenario && { SIMULATION_SCENARIO: values.scenario }),
  },
});
process.exitCode = status ?? 1;

export { Simulation, SimulationError, type SimulationOptions, type SimulationRun } from './simulation.js';
export { applies, deletes, edits, inOneGo, type Deed, type Scenario, type Step } from './scenario.js';
export type { Difference, RestingState } from './resting-state.js';
export type { FaultRecord } from './fault-schedule.js';

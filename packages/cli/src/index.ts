export { defineApplication, type OperatorApplication } from './application.js';
export type { Feature } from './features.js';
export { runOperator } from './run/run-operator.js';

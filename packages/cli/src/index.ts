export { defineApplication, type OperatorApplication } from './application.js';
export { runOperator } from './run/run-operator.js';

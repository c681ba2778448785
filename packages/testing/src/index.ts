export { Harness, type HarnessOptions, type ManifestObject } from './harness.js';
export { OperatorAccount, PermissionError } from './operator-account.js';

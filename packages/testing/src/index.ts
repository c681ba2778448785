export { Harness, type HarnessOptions, type ManifestObject } from './harness.js';
export type { PlayedImage, PlayedServer } from './played-images.js';
export { OperatorAccount, PermissionError } from './operator-account.js';

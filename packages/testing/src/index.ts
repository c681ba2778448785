export { Harness, type HarnessOptions, type ManifestObject } from './harness.js';

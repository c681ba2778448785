import { LateModule } from '../late-module.js';

/** What CustomResourceDefinitions need, CEL above all: a quarter of the server's code. */
export const definitionCode = new LateModule(async () => ({
  ...(await import('./custom-resource.js')),
  ...(await import('../crd-validation/validate-crd.js')),
}));
